import type { NotifyPlace } from '../../protocol/attention.ts';

/** Its person wants to be told there: also a phone that its push service has forgotten. */
export function isWanted({ state, kind, problem }: NotifyPlace): boolean {
  return state !== 'off' || (kind === 'push' && problem !== null);
}

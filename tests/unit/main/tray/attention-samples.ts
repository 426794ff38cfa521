import type { Attention, AttentionKind } from '../../../../src/protocol/attention.ts';
import type { AgentPulse, Pulse } from '../../../../src/protocol/reach.ts';
import { session } from './tray-samples.ts';

/** One thing of each of these kinds, that asks since `sinceMs`. */
export function asks(sinceMs: number, ...kinds: readonly AttentionKind[]): Attention {
  return {
    items: kinds.map((kind, n) => ({
      id: `item-${n}`,
      kind,
      title: 'Mend the login',
      text: 'Run npm test',
      since: new Date(sinceMs + n).toISOString(),
      seenAt: null,
      told: [],
    })),
    quietUntil: null,
  };
}

export function pulse(n: number, name: Pulse): AgentPulse {
  return {
    sessionId: session(n).id,
    pulse: name,
    since: '2026-11-21T08:00:00.000Z',
    heardAt: null,
    because: 'It does not answer.',
  };
}

import type { NotifyTest } from '../../../src/protocol/push.ts';
import { notify } from '../../strings/notify.ts';
import { tookWords } from '../reach/reach-words.ts';

const t = notify.places;

/** How a test went. */
export function testWords({ ok, status, tookMs, problem }: NotifyTest): string {
  if (ok) return t.took(tookWords(tookMs));
  return [t.notTaken, problem ?? (status === null ? '' : t.status(status))]
    .filter(Boolean)
    .join(' ');
}

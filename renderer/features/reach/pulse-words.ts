import type { AgentPulse, Pulse } from '../../../src/protocol/reach.ts';
import { pulse as t } from '../../strings/pulse.ts';
import { roughSpanOf } from '../../ui/time.ts';

const MINUTE_MS = 60_000;

/** Worth a word beside a session that is "working" anyway. */
export type NotablePulse = Extract<Pulse, 'waitsForModel' | 'silent' | 'hangs'>;
const NOTABLE: ReadonlySet<Pulse> = new Set<NotablePulse>(['waitsForModel', 'silent', 'hangs']);

/** Of this session, if it says more than that it is at work. */
export function notablePulse(
  pulses: readonly AgentPulse[],
  sessionId: string,
): (AgentPulse & { readonly pulse: NotablePulse }) | null {
  const found = pulses.find((one) => one.sessionId === sessionId);
  return found !== undefined && isNotable(found) ? found : null;
}

function isNotable<P extends Pick<AgentPulse, 'pulse'>>(
  pulse: P,
): pulse is P & { readonly pulse: NotablePulse } {
  return NOTABLE.has(pulse.pulse);
}

/** Ways out are offered: it does nothing that a person would wait for. */
export function isStuck({ pulse }: Pick<AgentPulse, 'pulse'>): boolean {
  return pulse === 'silent' || pulse === 'hangs';
}

/** "Silent for 4 min"; in its first minute "Silent". `nowMs` by the host's clock, as well as it is known. */
export function pulseWords(
  { pulse, since }: Pick<AgentPulse, 'pulse' | 'since'>,
  nowMs: number,
): string {
  const words = t.words[pulse];
  const spanMs = nowMs - Date.parse(since);
  return pulse === 'idle' || pulse === 'gone' || !(spanMs >= MINUTE_MS)
    ? words
    : t.forSpan(words, wholeSpan(spanMs));
}

/** Down to the whole minute: 4 min 59 s have not been 5 yet. */
export function wholeSpan(ms: number): string {
  return roughSpanOf(ms - (ms % MINUTE_MS));
}

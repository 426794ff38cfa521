import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useHost } from '../../state/host-context.tsx';
import { reach as t } from '../../strings/reach.ts';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { useNow } from '../../ui/use-now.ts';
import { isStuck, notablePulse, pulseWords } from './pulse-words.ts';
import { StuckActs } from './stuck-acts.tsx';
import './pulse-strip.css';

const AGE_EVERY_MS = 15_000;

/** Below a session's head: that its agent waits for its model, is silent or hangs, and what helps. */
export function PulseStrip({ state }: { readonly state: SessionState }) {
  const pulse = useHost(({ pulses }) => notablePulse(pulses, state.id));
  const nowMs = useNow(AGE_EVERY_MS);
  if (pulse === null || state.archived) return null;
  return (
    <section className="pulse-strip" aria-label={t.stuck} data-pulse={pulse.pulse}>
      <Icon name={isStuck(pulse) ? 'alert' : 'clock'} />
      <p>
        {/* What it does is read out when it changes, and not each minute that passes. */}
        <span className="unseen" role="status">
          {pulseWords(pulse, Date.parse(pulse.since))}
        </span>
        <strong aria-hidden="true">{pulseWords(pulse, nowMs)}.</strong>{' '}
        <Shown text={pulse.because} />
      </p>
      {isStuck(pulse) && <StuckActs sessionId={state.id} hasTurn={isAtWork(state)} />}
    </section>
  );
}

function isAtWork({ state }: SessionState): boolean {
  return state === 'working' || state === 'waiting';
}

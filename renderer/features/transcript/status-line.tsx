import { useState } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { spanOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';
import { isStuck, notablePulse } from '../reach/pulse-words.ts';

/** Below this the clock would only flicker. */
const CLOCK_FROM_MS = 2_000;

/** What the agent is doing right now, with a clock: silence of the model is not a hang of the window. */
export function StatusLine({ state }: { readonly state: SessionState }) {
  const isUp = useHost((host) => host.link.kind === 'up');
  const nowMs = useNow(1_000);
  const heardMs = useHeardMs(state.heardAt, nowMs);
  const isStill = useHost(({ pulses }) => {
    const pulse = notablePulse(pulses, state.id);
    return pulse !== null && isStuck(pulse);
  });
  const words = wordsOf(state, nowMs - heardMs);
  // That it waits for its model would be said of one that hangs too.
  if (!isUp || isStill || words === null) return null;
  return (
    <p className="status-line" data-state={state.state}>
      <span className="status-dot" aria-hidden="true" />
      <span>{words}</span>
    </p>
  );
}

/** When it was heard by this side's clock: the host's may be minutes off (a phone's is). */
function useHeardMs(heardAt: string, nowMs: number): number {
  const [heard, setHeard] = useState(() => ({
    heardAt,
    ms: Math.min(Date.parse(heardAt), nowMs),
  }));
  if (heard.heardAt === heardAt) return heard.ms;
  const now = { heardAt, ms: nowMs };
  setHeard(now);
  return now.ms;
}

/** null where the session says nothing about itself that is not seen elsewhere. */
export function wordsOf(
  { state, openTools }: Pick<SessionState, 'state' | 'openTools'>,
  silentMs: number,
): string | null {
  if (state === 'starting') return en.session.starting;
  if (state === 'waiting') return en.transcript.waitsForYou;
  if (state !== 'working') return null;
  if (silentMs < CLOCK_FROM_MS) return en.sessions.states.working;
  const span = spanOf(silentMs);
  return openTools.length > 0 ? en.transcript.toolRunning(span) : en.transcript.waiting(span);
}

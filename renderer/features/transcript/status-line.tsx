import { useEffect } from 'react';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { spanOf } from '../../ui/time.ts';
import { useNow } from '../../ui/use-now.ts';

/** Below this the clock would only flicker. */
const CLOCK_FROM_MS = 2_000;
const clock = { offsetMs: 0 };

/** What the agent is doing right now, with a clock: silence of the model is not a hang of the window. */
export function StatusLine({ state }: { readonly state: SessionState }) {
  const isUp = useHost((host) => host.link.kind === 'up');
  const nowMs = useNow(1_000);
  useHostClock(state.heardAt);
  if (!isUp) return null;
  const span = nowMs - clock.offsetMs - Date.parse(state.heardAt);
  const words = wordsOf(state, span);
  return words === null ? null : (
    <p className="status-line" data-state={state.state}>
      <span className="status-dot" aria-hidden="true" />
      <span>{words}</span>
    </p>
  );
}

function wordsOf(state: SessionState, spanMs: number): string | null {
  if (state.state === 'starting') return en.session.starting;
  if (state.state === 'waiting') return en.transcript.waitsForYou;
  if (state.state !== 'working') return null;
  const span = spanOf(spanMs);
  if (state.openTools.length > 0) return en.transcript.toolRunning(span);
  return spanMs < CLOCK_FROM_MS ? en.sessions.states.working : en.transcript.waiting(span);
}

/** The host may be on another clock (a phone's is): what it just said happened now at the latest. */
function useHostClock(heardAt: string): void {
  useEffect(() => {
    const aheadMs = Date.parse(heardAt) - Date.now();
    if (aheadMs > 0) clock.offsetMs = -aheadMs;
  }, [heardAt]);
}

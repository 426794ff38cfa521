import type { SessionId } from '../../protocol/ids.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { EventLog } from '../event-log/event-log.ts';

/** Resolves with the first state of the session that fits, or null when the time is over. */
export async function untilState(
  log: EventLog,
  id: SessionId,
  fits: (state: SessionState) => boolean,
  limitMs: number,
): Promise<SessionState | null> {
  const present = log.state(id);
  if (present !== null && fits(present)) return present;
  return await new Promise((resolve) => {
    const done = (state: SessionState | null): void => {
      clearTimeout(timer);
      undo();
      resolve(state);
    };
    const timer = setTimeout(() => done(null), limitMs);
    const undo = log.follow(id, () => {
      const state = log.state(id);
      if (state !== null && fits(state)) done(state);
    });
  });
}

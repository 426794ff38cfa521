import type { SessionId } from '../../../src/protocol/ids.ts';
import { isAtWork, sharedWith } from '../../../src/protocol/session/sharing.ts';
import type { SessionSummary } from '../../../src/protocol/session/state.ts';

/** All that work where another one does; of one that does not work nobody needs to know. */
export function sharedOf(sessions: readonly SessionSummary[]): ReadonlySet<SessionId> {
  const shared = sessions.filter(
    (session) => isAtWork(session) && (session.shared || sharedWith(session, sessions).length > 0),
  );
  return new Set(shared.map(({ id }) => id));
}

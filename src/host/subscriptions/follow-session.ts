import type { SessionMethodsNeeds } from '../api/session-methods.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import { SessionFeed } from './session-feed.ts';

/** Subscribes a surface to the events of a session, from its cursor on. */
export function followSession(log: EventLog, store: Store): SessionMethodsNeeds['follow'] {
  return (surface, sessionId, epoch, cursor) => {
    const { feed, result } = SessionFeed.open({
      ...{ log, store, sessionId, epoch, cursor },
      window: surface.window,
      send: (events) => surface.notify('session.events', { sessionId, events: [...events] }),
    });
    surface.follow(sessionId, feed);
    return result;
  };
}

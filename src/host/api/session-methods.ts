import type { Adoption } from '../sessions/adoption.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Store } from '../event-log/store.ts';
import { MAX_SURFACE_MESSAGE_BYTES } from '../../protocol/limits.ts';
import type { Epoch, SessionId } from '../../protocol/ids.ts';
import type { FollowResult, HostProblem } from '../../protocol/methods.ts';
import type { Handlers } from './handlers.ts';
import type { SurfaceConnection } from './surface-connection.ts';
import { summaryOf } from '../../protocol/session/state.ts';

/** A page and its JSON stay well below what a surface may be sent; a single event is always given. */
const PAGE_BYTES = MAX_SURFACE_MESSAGE_BYTES / 3;

/** Those about worktrees are made in src/host/worktrees, that about hanging agents in src/host/reach. */
type MadeElsewhere = 'session.changes' | 'session.land' | 'session.discard' | 'session.restart';
type SessionMethods = Omit<
  Pick<Handlers, Extract<keyof Handlers, `session.${string}`>>,
  MadeElsewhere
>;

export interface SessionMethodsNeeds {
  readonly sessions: Sessions;
  readonly adoption: Pick<Adoption, 'adopt'>;
  /** Throws where a device may not have an agent work. */
  mayWorkIn(this: void, folder: string): Promise<unknown>;
  readonly log: EventLog;
  readonly store: Store;
  problems(): HostProblem[];
  /** Subscribes the surface from its cursor on. */
  follow(
    surface: SurfaceConnection,
    sessionId: SessionId,
    epoch: Epoch | undefined,
    cursor: number | undefined,
  ): FollowResult;
}

export function sessionMethods(needs: SessionMethodsNeeds): SessionMethods {
  const { sessions, adoption, log, store, follow } = needs;
  return {
    'session.start': async (params, { surface }) => await sessions.start(params, surface),
    'session.list': ({ archived }) => ({
      sessions: [...log.states().values()]
        .filter((state) => archived || !state.archived)
        .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
        .map(summaryOf),
      problems: needs.problems(),
    }),
    'session.show': ({ sessionId }) => ({
      session: sessions.state(sessionId),
      turns: log.turns(sessionId),
    }),
    'session.send': ({ sessionId, commandId, prompt }, { surface }) =>
      sessions.send(sessionId, commandId, prompt, surface),
    'session.unqueue': ({ sessionId, commandId, prompt }, { surface }) =>
      sessions.unqueue(sessionId, commandId, prompt, surface),
    'session.continue': ({ sessionId, commandId }, { surface }) =>
      sessions.continue(sessionId, commandId, surface),
    'session.cancel': ({ sessionId, commandId }, { surface }) =>
      sessions.cancel(sessionId, commandId, surface),
    'session.stop': ({ sessionId, commandId }, { surface }) =>
      sessions.stop(sessionId, commandId, surface),
    'session.resume': async ({ sessionId, commandId }, { surface }) =>
      await sessions.resume(sessionId, commandId, surface),
    'session.archive': ({ sessionId, commandId, archived }, { surface }) =>
      sessions.archive(sessionId, commandId, archived, surface),
    'session.rename': ({ sessionId, commandId, title }, { surface }) =>
      sessions.rename(sessionId, commandId, title, surface),
    'session.setMode': async (params, surface) => await sessions.setMode(params, surface),
    'session.setOption': async ({ sessionId, commandId, option, value }) =>
      await sessions.setOption(sessionId, commandId, option, value),
    'session.adopt': async (params, { surface, device }) =>
      await adoption.adopt(params, surface, device === null ? undefined : needs.mayWorkIn),
    'session.follow': ({ sessionId, epoch, cursor }, connection) => {
      sessions.state(sessionId);
      return follow(connection, sessionId, epoch, cursor);
    },
    'session.unfollow': ({ sessionId }, connection) => {
      connection.unfollow(sessionId);
      return {};
    },
    'session.events': ({ sessionId, after, before, limit }) => {
      const { lastSeq } = sessions.state(sessionId);
      const newest = before !== undefined && after === undefined;
      const range = {
        limit,
        maxBytes: PAGE_BYTES,
        newest,
        ...(after !== undefined && { after }),
        ...(before !== undefined && { before }),
      };
      const events = store.events(sessionId, range);
      const more = newest
        ? (events[0]?.seq ?? 1) > 1
        : (events.at(-1)?.seq ?? Infinity) < Math.min(lastSeq, (before ?? Infinity) - 1);
      return { events, more };
    },
  };
}

import { createServer, type Server, type Socket } from 'node:net';
import { Peer } from '../../src/connection/peer.ts';
import type { Transport } from '../../src/connection/transport.ts';
import { SocketTransport } from '../../src/local/socket-transport.ts';
import type { AgentEntry } from '../../src/protocol/agent.ts';
import type { Approval, DecisionOutcome, Receipt } from '../../src/protocol/approval/approval.ts';
import { RpcFailure } from '../../src/protocol/errors.ts';
import { epochSchema, sessionIdSchema, type SessionId } from '../../src/protocol/ids.ts';
import { MAX_UNACKED_EVENTS, TAIL_EVENTS } from '../../src/protocol/limits.ts';
import {
  methods,
  notifications,
  type FollowResult,
  type HostStatus,
  type MethodName,
  type NotificationName,
  type NotificationParams,
  type Result,
} from '../../src/protocol/methods.ts';
import type { EventBody, SessionEvent } from '../../src/protocol/session/events.ts';
import { reduce } from '../../src/protocol/session/reduce.ts';
import { summaryOf, type SessionState } from '../../src/protocol/session/state.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts';
import { FakeAttention } from './fake-attention.ts';
import { FakePower } from './fake-power.ts';
import { FakeStanding } from './fake-standing.ts';
import { fakeHandlers, type FakeHandlers } from './fake-host-handlers.ts';

export interface FakeSession {
  events: SessionEvent[];
  state: SessionState;
}

export interface FakeCall {
  readonly method: MethodName;
  readonly params: unknown;
}

interface Subscription {
  sent: number;
  acked: number;
}

/** One surface's connection, as the fake sees it. */
export interface FakeConnection {
  readonly following: Map<SessionId, Subscription>;
  desk: boolean;
  notify<N extends NotificationName>(name: N, params: NotificationParams<N>): void;
  close(reason: string): void;
}

/**
 * A host for tests of surfaces: answers every row of the table from memory, over any
 * {@link Transport}. It numbers and folds events as the real one does, pages and follows with the
 * same limits, and remembers every call. Tests change single answers through `handlers`.
 */
export class FakeHost {
  epoch = epochSchema.parse('epoch-1');
  status: HostStatus = {
    running: true,
    pid: process.pid,
    keeperPid: process.pid,
    version: 'fake',
    protocol: PROTOCOL_VERSION,
    uptimeSec: 60,
    sessions: 0,
  };
  agents: AgentEntry[] = [];
  /** What its agents list. */
  conversations: Result<'agents.conversations'>['conversations'] = [];
  readonly sessions = new Map<SessionId, FakeSession>();
  /** What `session.changes` answers. */
  changes: Result<'session.changes'> = {
    files: [],
    total: 0,
    insertions: 0,
    deletions: 0,
    branch: 'porchlight/a-session',
    base: 'main',
    commits: 0,
    uncommitted: false,
    landed: true,
  };
  /** What `folder.look` finds, by folder; any other is no repository and nobody's. */
  readonly looks = new Map<string, Omit<Result<'folder.look'>, 'path'>>();
  problems: Result<'desk.follow'>['problems'] = [];
  /** What `approval.decide` and `approval.answer` say next. */
  decision: { outcome: DecisionOutcome; receipt: Receipt | null; problem?: string } = {
    outcome: 'decided',
    receipt: 'delivered',
  };
  readonly standing = new FakeStanding();
  readonly power = new FakePower();
  readonly attention = new FakeAttention();
  readonly calls: FakeCall[] = [];
  readonly connections = new Set<FakeConnection>();
  readonly handlers: FakeHandlers = fakeHandlers(this);
  /** Called after each of a surface's acknowledgements. */
  onAck: (sessionId: SessionId, seq: number) => void = () => {};
  /** With true, what a follower misses while it is behind arrives as one merged text event. */
  mergesText = false;
  #next = 1;
  #nowMs = Date.parse('2026-11-21T08:00:00.000Z');

  /** `s_…`, `a_…` or `i_…`, counting up. */
  newId(prefix: 's' | 'a' | 'i'): string {
    return `${prefix}_${String(this.#next++).padStart(12, '0')}`;
  }

  now(): string {
    this.#nowMs += 10;
    return new Date(this.#nowMs).toISOString();
  }

  addSession(
    given: Partial<Omit<Extract<EventBody, { type: 'session.created' }>, 'type'>> = {},
  ): SessionId {
    const sessionId = given.sessionId ?? sessionIdSchema.parse(this.newId('s'));
    const created: SessionEvent = {
      type: 'session.created',
      agent: 'demo',
      cwd: '/tmp/project',
      worktree: null,
      mode: 'ask',
      title: 'A session',
      by: 'cli',
      ...given,
      sessionId,
      seq: 1,
      at: this.now(),
    };
    this.sessions.set(sessionId, { events: [created], state: reduce(null, created) });
    const instance = this.newId('i');
    this.append(sessionId, {
      type: 'agent.started',
      instance,
      name: 'Fake',
      version: '1',
      agentSession: 'fake',
      loaded: false,
      accepts: { images: true, load: true },
    } as EventBody);
    return sessionId;
  }

  /** Writes one event and tells whoever follows. */
  append(sessionId: SessionId, body: EventBody): SessionEvent {
    const session = this.session(sessionId);
    const event: SessionEvent = { ...body, seq: session.state.lastSeq + 1, at: this.now() };
    session.events.push(event);
    session.state = reduce(session.state, event);
    for (const connection of this.connections) {
      this.#pump(connection, sessionId);
      if (connection.desk) connection.notify('desk.session', { session: summaryOf(session.state) });
    }
    return event;
  }

  /** Tells whoever is connected. */
  tell<N extends NotificationName>(name: N, params: NotificationParams<N>): void {
    for (const connection of this.connections) connection.notify(name, params);
  }

  session(sessionId: SessionId): FakeSession {
    const session = this.sessions.get(sessionId);
    if (session === undefined)
      throw new RpcFailure('notFound', `There is no session ${sessionId}.`);
    return session;
  }

  openApprovals(): Approval[] {
    return [...this.sessions.values()].flatMap((session) => session.state.approvals);
  }

  follow(
    connection: FakeConnection,
    sessionId: SessionId,
    cursor: number | undefined,
    epoch: string | undefined,
  ): FollowResult {
    const { events, state } = this.session(sessionId);
    const continues =
      cursor !== undefined &&
      epoch === this.epoch &&
      cursor <= state.lastSeq &&
      state.lastSeq - cursor <= TAIL_EVENTS;
    const tail = continues ? events.slice(cursor) : events.slice(-TAIL_EVENTS);
    connection.following.set(sessionId, { sent: state.lastSeq, acked: state.lastSeq });
    return {
      epoch: this.epoch,
      state,
      events: tail,
      continues,
      earlier: (tail[0]?.seq ?? state.lastSeq + 1) - 1,
    };
  }

  /** Serves one surface. */
  serve(transport: Transport): FakeConnection {
    const peer = new Peer(transport, {
      request: async (method, params) => await this.#answer(connection, method, params),
      notification: (method, params) => {
        if (method !== 'session.ack') return void this.attention.heard.push({ method, params });
        const { sessionId, seq } = notifications['session.ack'].parse(params);
        const subscription = connection.following.get(sessionId);
        if (subscription !== undefined) subscription.acked = seq;
        this.#pump(connection, sessionId);
        this.onAck(sessionId, seq);
      },
      close: () => void this.connections.delete(connection),
    });
    const connection: FakeConnection = {
      following: new Map(),
      desk: false,
      notify: (name, params) => peer.notify(name, params),
      close: (reason) => peer.close(reason),
    };
    this.connections.add(connection);
    return connection;
  }

  async #answer(connection: FakeConnection, method: string, params: unknown): Promise<unknown> {
    if (!(method in methods))
      throw new RpcFailure('methodNotFound', `There is no method ${method}.`);
    const name = method as MethodName;
    this.calls.push({ method: name, params });
    const parsed = methods[name].params.safeParse(params);
    if (!parsed.success) throw new RpcFailure('invalidParams', `${name}: ${parsed.error.message}`);
    // The table pairs each handler with its parameters; TypeScript cannot see that through `name`.
    const handler = this.handlers[name] as (params: unknown, connection: FakeConnection) => unknown;
    return await handler(parsed.data, connection);
  }

  #pump(connection: FakeConnection, sessionId: SessionId): void {
    const subscription = connection.following.get(sessionId);
    if (subscription === undefined) return;
    const { events } = this.session(sessionId);
    const room = MAX_UNACKED_EVENTS - (subscription.sent - subscription.acked);
    const batch = events.slice(subscription.sent, subscription.sent + Math.max(0, room));
    const last = batch.at(-1);
    if (last === undefined) return;
    subscription.sent = last.seq;
    connection.notify('session.events', {
      sessionId,
      events: this.mergesText ? merged(batch) : batch,
    });
  }
}

function merged(batch: readonly SessionEvent[]): SessionEvent[] {
  const out: SessionEvent[] = [];
  for (const event of batch) {
    const before = out.at(-1);
    if (before?.type === 'agent.text' && event.type === 'agent.text')
      out[out.length - 1] = {
        ...event,
        text: before.text + event.text,
        from: before.from ?? before.seq,
      };
    else out.push(event);
  }
  return out;
}

export interface Listening {
  /** Cuts every connection, as a crash does, and goes on listening. */
  cut(): void;
  close(): Promise<void>;
}

/** Serves `host` on a unix socket. */
export async function listen(host: FakeHost, path: string): Promise<Listening> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    host.serve(new SocketTransport(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    cut,
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

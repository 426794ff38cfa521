import { backoffMs, type BackoffPolicy } from '../base/backoff.ts';
import { withDeadline } from '../base/deadline.ts';
import { Emitter } from '../base/emitter.ts';
import { RpcFailure } from '../protocol/errors.ts';
import type { SessionId } from '../protocol/ids.ts';
import type { FollowResult, MethodName, Params, Result } from '../protocol/methods.ts';
import type { SessionEvent } from '../protocol/session/events.ts';
import { FollowedSession } from './followed-session.ts';
import { HostClient, type HostNotice, type SurfaceIdentity } from './host-client.ts';
import type { Timers } from './timers.ts';
import type { Transport } from './transport.ts';

export type LinkState =
  | { readonly kind: 'connecting'; readonly failures: number }
  | { readonly kind: 'up'; readonly hello: Result<'hello'> }
  | {
      readonly kind: 'down';
      readonly failures: number;
      readonly reason: string;
      readonly retryAtMs: number;
    }
  /** Trying again is no use: the two speak different versions, or the door is shut for good. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'stopped' };

export interface ReconnectOptions {
  readonly identity: SurfaceIdentity;
  /** Opens one connection. A {@link ConnectionRefused} ends the attempts. */
  open(): Promise<Transport>;
  readonly timers: Timers;
  /** In [0, 1). */
  random(): number;
}

/** Thrown by `open` when another attempt would end the same way. */
export class ConnectionRefused extends Error {
  override name = 'ConnectionRefused';
}

const RETRY: BackoffPolicy = { firstMs: 250, maxMs: 10_000 };
/** Opening the pipe and the hello on it, together. */
const CONNECT_LIMIT_MS = 10_000;

/**
 * A connection to the host that comes back: retries with backoff, follows the desk and the sessions
 * again from their cursors, and gives each event once, in order.
 */
export class ReconnectingHost {
  readonly states = new Emitter<LinkState>();
  readonly desks = new Emitter<Result<'desk.follow'>>();
  readonly followed = new Emitter<{ sessionId: SessionId; result: FollowResult }>();
  readonly events = new Emitter<{ sessionId: SessionId; events: readonly SessionEvent[] }>();
  /** Every other notice. */
  readonly notices = new Emitter<HostNotice>();
  /** A session that could not be followed, in words: it is gone, or the host refused. */
  readonly lost = new Emitter<{ sessionId: SessionId; reason: string }>();
  readonly #options: ReconnectOptions;
  readonly #sessions = new Map<SessionId, FollowedSession>();
  #client: HostClient | null = null;
  #state: LinkState = { kind: 'stopped' };
  #followsDesk = false;
  #failures = 0;
  /** Counts attempts, so that what a given-up attempt still delivers is ignored. */
  #attempt = 0;
  #cancelRetry: (() => void) | null = null;

  constructor(options: ReconnectOptions) {
    this.#options = options;
  }

  get state(): LinkState {
    return this.#state;
  }

  start(): void {
    if (this.#state.kind === 'stopped') void this.#connect();
  }

  /** Tries at once: the person asked, or the network came back. */
  retryNow(): void {
    if (this.#state.kind === 'down' || this.#state.kind === 'refused') void this.#connect();
  }

  stop(): void {
    this.#attempt += 1;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    for (const session of this.#sessions.values()) session.stop();
    const client = this.#client;
    this.#client = null;
    this.#set({ kind: 'stopped' });
    client?.close('stopped');
  }

  async call<M extends MethodName>(
    method: M,
    params: Params<M>,
    limitMs?: number,
  ): Promise<Result<M>> {
    if (this.#client === null)
      throw new Error('The host cannot be reached. Nothing was sent; try again when it is back.');
    return await this.#client.call(method, params, limitMs);
  }

  followDesk(): void {
    this.#followsDesk = true;
    if (this.#client !== null) void this.#askDesk(this.#client);
  }

  /** Follows now, and again after each reconnect, until {@link unfollow}. */
  follow(sessionId: SessionId): void {
    if (this.#sessions.has(sessionId)) return;
    const session = new FollowedSession(sessionId, this.#options.timers, (seq) =>
      this.#client?.acknowledge({ sessionId, seq }),
    );
    this.#sessions.set(sessionId, session);
    if (this.#client !== null) void this.#askFollow(this.#client, session);
  }

  unfollow(sessionId: SessionId): void {
    this.#sessions.get(sessionId)?.stop();
    if (!this.#sessions.delete(sessionId)) return;
    // If the host is away there is nothing to take back: it forgets with the connection.
    this.#client?.call('session.unfollow', { sessionId }).catch(() => {});
  }

  async #connect(): Promise<void> {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    const attempt = ++this.#attempt;
    this.#set({ kind: 'connecting', failures: this.#failures });
    let transport: Transport | null = null;
    try {
      const opening = this.#options.open().then((opened) => {
        transport = opened;
        if (attempt !== this.#attempt) opened.close('too late');
        return HostClient.connect(opened, this.#options.identity);
      });
      const { client, hello } = await withDeadline(
        opening,
        CONNECT_LIMIT_MS,
        'Connecting to the host',
      );
      if (attempt !== this.#attempt) return client.close('too late');
      this.#up(client, hello, attempt);
    } catch (error) {
      // An assignment inside the callback is invisible to TypeScript's narrowing.
      (transport as Transport | null)?.close('gave up');
      if (attempt === this.#attempt) this.#failed(error);
    }
  }

  #up(client: HostClient, hello: Result<'hello'>, attempt: number): void {
    this.#client = client;
    this.#failures = 0;
    client.closed.on((reason) => {
      if (attempt !== this.#attempt) return;
      this.#client = null;
      for (const session of this.#sessions.values()) session.stop();
      this.#failed(new Error(reason));
    });
    client.notices.on((notice) => this.#onNotice(client, notice));
    this.#set({ kind: 'up', hello });
    if (this.#followsDesk) void this.#askDesk(client);
    for (const session of this.#sessions.values()) void this.#askFollow(client, session);
  }

  #failed(error: unknown): void {
    // After a give-up by deadline the attempt may still be under way; it must not come back.
    this.#attempt += 1;
    const reason = error instanceof Error ? error.message : String(error);
    if (
      error instanceof ConnectionRefused ||
      (error instanceof RpcFailure && error.is('wrongVersion'))
    )
      return this.#set({ kind: 'refused', reason });
    this.#failures += 1;
    const delayMs = backoffMs(this.#failures, RETRY, this.#options.random());
    this.#cancelRetry = this.#options.timers.after(delayMs, () => void this.#connect());
    this.#set({
      kind: 'down',
      failures: this.#failures,
      reason,
      retryAtMs: this.#options.timers.nowMs() + delayMs,
    });
  }

  async #askDesk(client: HostClient): Promise<void> {
    try {
      const desk = await client.call('desk.follow', {});
      if (client === this.#client) this.desks.emit(desk);
    } catch (error) {
      // Without the desk the surface is blind: a new connection is the way back.
      if (client === this.#client)
        client.close(error instanceof Error ? error.message : 'desk.follow failed');
    }
  }

  async #askFollow(client: HostClient, session: FollowedSession): Promise<void> {
    const { sessionId } = session;
    try {
      const result = await client.call('session.follow', { sessionId, ...session.position });
      if (client !== this.#client || this.#sessions.get(sessionId) !== session) return;
      session.restart(result);
      this.followed.emit({ sessionId, result });
    } catch (error) {
      if (client !== this.#client || this.#sessions.get(sessionId) !== session) return;
      this.#sessions.delete(sessionId);
      this.lost.emit({ sessionId, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  #onNotice(client: HostClient, notice: HostNotice): void {
    if (client !== this.#client) return;
    if (notice.name !== 'session.events') return this.notices.emit(notice);
    const { sessionId, events } = notice.params;
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    const taken = session.take(events);
    if (taken.kind === 'gap') return void this.#askFollow(client, session);
    if (taken.events.length > 0) this.events.emit({ sessionId, events: taken.events });
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.states.emit(state);
  }
}

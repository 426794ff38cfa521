import { backoffMs, type BackoffPolicy } from '../base/backoff.ts';
import { DeadlineExceeded, withDeadline } from '../base/deadline.ts';
import { Emitter } from '../base/emitter.ts';
import { RpcFailure } from '../protocol/errors.ts';
import type { SessionId } from '../protocol/ids.ts';
import type {
  FollowResult,
  MethodName,
  NotificationParams,
  Params,
  Result,
  SurfaceNotificationName,
} from '../protocol/methods.ts';
import type { SessionEvent } from '../protocol/session/events.ts';
import { FollowedSession, type Position } from './followed-session.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { Moves } from './moves.ts';
import { ConnectionRefused, HostAway, Moved } from './refusals.ts';
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
  /** The way is open and the host is not at its other end: nothing is tried until it comes. */
  | { readonly kind: 'away'; readonly failures: number; readonly reason: string }
  /** Trying again is no use: the two speak different versions, or the door is shut for good. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'stopped' };

export interface ReconnectOptions {
  readonly identity: SurfaceIdentity;
  /**
   * Opens one connection. A {@link ConnectionRefused} ends the attempts, a {@link HostAway} puts the
   * next one off until the host comes.
   */
  open(): Promise<Transport>;
  readonly timers: Timers;
  /** In [0, 1). */
  random(): number;
  /**
   * Asked when an attempt failed or a connection ended: a {@link HostAway}, a {@link Moved} or a
   * {@link ConnectionRefused} that the closed transport could not say itself.
   */
  why?(): Error | null;
  /**
   * A connection that lasted shorter counts as one more failure: where each is lost at once, many
   * clients would come again and again without a rest. Absent: none does.
   */
  readonly steadyMs?: number;
}

/** What went out together with the hello on a connection that is not up yet. */
interface Greeting {
  readonly client: HostClient;
  readonly asked: Set<'desk' | FollowedSession>;
  /** Answers that came before hello's own. */
  readonly early: (() => void)[];
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
  #greeting: Greeting | null = null;
  /** Followed anew, and not answered yet: what still comes of an earlier subscription is void. */
  readonly #asking = new Set<FollowedSession>();
  #state: LinkState = { kind: 'stopped' };
  #followsDesk = false;
  readonly #moves = new Moves();
  #failures = 0;
  /** With the failures that were before; null: it was not up since the last one. */
  #upSince: { readonly atMs: number; readonly failures: number } | null = null;
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

  /** Says it where the host is there to hear it; what is said to nobody is not kept. */
  tell<N extends SurfaceNotificationName>(name: N, params: NotificationParams<N>): void {
    if (this.#state.kind === 'up') this.#client?.tell(name, params);
  }

  /** Tries at once: the person asked, or the network came back. */
  retryNow(): void {
    const { kind } = this.#state;
    if (kind === 'down' || kind === 'refused' || kind === 'away') void this.#connect();
  }

  stop(): void {
    this.#attempt += 1;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    for (const session of this.#sessions.values()) session.stop();
    const client = this.#client ?? this.#greeting?.client;
    this.#client = null;
    this.#greeting = null;
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
    if (this.#client !== null) this.#askDesk(this.#client);
  }

  /**
   * Follows now, and again after each reconnect, until {@link unfollow}. `from`: what the surface
   * has of the session already.
   */
  follow(sessionId: SessionId, from?: Position): void {
    if (this.#sessions.has(sessionId)) return;
    const session = new FollowedSession(
      sessionId,
      this.#options.timers,
      (seq) => this.#client?.acknowledge({ sessionId, seq }),
      from,
    );
    this.#sessions.set(sessionId, session);
    if (this.#client !== null) this.#askFollow(this.#client, session);
  }

  unfollow(sessionId: SessionId): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    session.stop();
    this.#sessions.delete(sessionId);
    this.#asking.delete(session);
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
      const opening = this.#options.open().then(async (opened) => {
        transport = opened;
        if (attempt !== this.#attempt) return opened.close('too late');
        await this.#greet(HostClient.over(opened), attempt);
      });
      await withDeadline(opening, CONNECT_LIMIT_MS, 'Connecting to the host');
    } catch (error) {
      // An assignment inside the callback is invisible to TypeScript's narrowing.
      (transport as Transport | null)?.close('gave up');
      if (attempt === this.#attempt) this.#failed(error);
    }
  }

  /** Hello and all that is followed go out at once: through a relay each round trip counts. */
  #greet(client: HostClient, attempt: number): Promise<void> {
    return new Promise((resolve, reject) => {
      client.closed.on((reason) => {
        if (attempt !== this.#attempt) return;
        this.#lostClient();
        this.#failed(new Error(reason));
      });
      client.notices.on((notice) => this.#onNotice(client, notice));
      const params = { protocol: PROTOCOL_VERSION, ...this.#options.identity };
      client.ask('hello', params, {
        result: (hello) => {
          if (attempt === this.#attempt) this.#up(client, hello);
          else client.close('too late');
          resolve();
        },
        failure: reject,
      });
      this.#greeting = { client, asked: new Set(), early: [] };
      this.#askRest(client, this.#greeting.asked);
    });
  }

  #up(client: HostClient, hello: Result<'hello'>): void {
    this.#client = client;
    const { asked, early } = this.#greeting ?? { asked: new Set(), early: [] };
    this.#greeting = null;
    this.#upSince = { atMs: this.#options.timers.nowMs(), failures: this.#failures };
    this.#failures = 0;
    this.#set({ kind: 'up', hello });
    for (const answer of early) answer();
    // A listener may have stopped it.
    if (client === this.#client) this.#askRest(client, asked);
  }

  #askRest(client: HostClient, asked: Greeting['asked']): void {
    if (this.#followsDesk && !asked.has('desk')) {
      asked.add('desk');
      this.#askDesk(client);
    }
    for (const session of this.#sessions.values()) {
      if (asked.has(session)) continue;
      asked.add(session);
      this.#askFollow(client, session);
    }
  }

  /** Failing so, an older host wants its hello answered first: then it is asked again. */
  #failedEarly(client: HostClient, error: Error, what: 'desk' | FollowedSession): boolean {
    const isTooEarly = error instanceof RpcFailure && error.is('invalidRequest');
    if (this.#greeting?.client !== client || !isTooEarly) return false;
    return this.#greeting.asked.delete(what);
  }

  #onceUp(client: HostClient, answer: () => void): void {
    if (this.#greeting?.client === client) this.#greeting.early.push(answer);
    else if (this.#client === client) answer();
  }

  #lostClient(): void {
    this.#client = null;
    this.#greeting = null;
    this.#asking.clear();
    for (const session of this.#sessions.values()) session.stop();
  }

  #failed(given: unknown): void {
    const error = this.#options.why?.() ?? given;
    // After a give-up by deadline the attempt may still be under way; it must not come back.
    const attempt = ++this.#attempt;
    this.#lostClient();
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof HostAway) {
      const isCurrent = (): boolean => attempt === this.#attempt;
      error.back.then(
        () => void (isCurrent() && this.#connect()),
        (lost) => void (isCurrent() && this.#failed(lost)),
      );
      return this.#set({ kind: 'away', failures: this.#failures, reason });
    }
    if (
      error instanceof ConnectionRefused ||
      (error instanceof RpcFailure && error.is('wrongVersion'))
    )
      return this.#set({ kind: 'refused', reason });
    const delayMs = this.#delayMs(error);
    this.#cancelRetry = this.#options.timers.after(delayMs, () => void this.#connect());
    this.#set({
      kind: 'down',
      failures: this.#failures,
      reason,
      retryAtMs: this.#options.timers.nowMs() + delayMs,
    });
  }

  #delayMs(error: unknown): number {
    const { timers, random } = this.#options;
    const moveMs = error instanceof Moved ? this.#moves.delayMs(timers.nowMs(), random()) : null;
    if (moveMs !== null) return moveMs;
    if (this.#upSince !== null && !this.#wasSteady(this.#upSince.atMs))
      this.#failures = this.#upSince.failures;
    this.#upSince = null;
    this.#failures += 1;
    return backoffMs(this.#failures, RETRY, random());
  }

  #wasSteady(sinceMs: number): boolean {
    const lastedMs = this.#options.timers.nowMs() - sinceMs;
    // Of a clock that was set back nothing bad is thought.
    return lastedMs < 0 || lastedMs >= (this.#options.steadyMs ?? 0);
  }

  #askDesk(client: HostClient): void {
    client.ask(
      'desk.follow',
      {},
      {
        result: (desk) => this.#onceUp(client, () => this.desks.emit(desk)),
        failure: (error) => {
          if (this.#failedEarly(client, error, 'desk')) return;
          // Without the desk the surface is blind: a new connection is the way back.
          this.#onceUp(client, () => client.close(error.message));
        },
      },
    );
  }

  #askFollow(client: HostClient, session: FollowedSession): void {
    const { sessionId } = session;
    this.#asking.add(session);
    const settle = (use: () => void): void =>
      this.#onceUp(client, () => {
        this.#asking.delete(session);
        if (this.#sessions.get(sessionId) === session) use();
        else this.#forgetFollow(client, sessionId);
      });
    client.ask(
      'session.follow',
      { sessionId, ...session.position },
      {
        result: (result) =>
          settle(() => {
            session.restart(result);
            this.followed.emit({ sessionId, result });
          }),
        failure: (error) => {
          if (this.#failedEarly(client, error, session)) return;
          // No answer says nothing of the session: it is followed again on the next connection.
          if (error instanceof DeadlineExceeded)
            return this.#onceUp(client, () => client.close(error.message));
          settle(() => {
            this.#sessions.delete(sessionId);
            this.lost.emit({ sessionId, reason: error.message });
          });
        },
      },
    );
  }

  /** It was let go while its hello was on the way. */
  #forgetFollow(client: HostClient, sessionId: SessionId): void {
    if (this.#sessions.has(sessionId)) return;
    client.call('session.unfollow', { sessionId }).catch(() => {});
  }

  #onNotice(client: HostClient, notice: HostNotice): void {
    if (client !== this.#client) return;
    if (notice.name !== 'session.events') return this.notices.emit(notice);
    const { sessionId, events } = notice.params;
    const session = this.#sessions.get(sessionId);
    if (session === undefined || this.#asking.has(session)) return;
    const taken = session.take(events);
    if (taken.kind === 'gap') return this.#askFollow(client, session);
    if (taken.events.length > 0) this.events.emit({ sessionId, events: taken.events });
  }

  #set(state: LinkState): void {
    this.#state = state;
    this.states.emit(state);
  }
}

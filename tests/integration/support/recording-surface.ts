import { Emitter } from '../../../src/base/emitter.ts';
import { FollowedSession } from '../../../src/connection/followed-session.ts';
import { HostClient } from '../../../src/connection/host-client.ts';
import { systemTimers } from '../../../src/connection/timers.ts';
import { connectHost } from '../../../src/local/ensure-host.ts';
import type { Home } from '../../../src/local/home.ts';
import { SocketTransport } from '../../../src/local/socket-transport.ts';
import type { Epoch, SessionId } from '../../../src/protocol/ids.ts';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import { merge } from '../../../src/protocol/session/merge.ts';
import { eventually } from './host-under-test.ts';

const CONNECT_LIMIT_MS = 30_000;

interface Book {
  readonly followed: FollowedSession;
  readonly events: SessionEvent[];
  /** seq up to which the host has been told that we have it. */
  acknowledged: number;
  /** What came before the answer to `session.follow` was read. */
  early: SessionEvent[] | null;
  /** The connection it is followed on. */
  on: HostClient | null;
}

/**
 * A surface over the real socket that keeps what it was shown and what it acknowledged. It never
 * starts a keeper or host: what comes back, came back by itself.
 */
export class RecordingSurface {
  readonly #home: Home;
  readonly #books = new Map<SessionId, Book>();
  readonly epochs = new Set<Epoch>();
  /** What must never happen: a gap, or events that begin anew. */
  readonly faults: string[] = [];
  /** The connection has ended, not by our cut. */
  readonly lost = new Emitter<void>();
  #client: HostClient | null = null;
  #following: Promise<void> = Promise.resolve();

  constructor(home: Home) {
    this.#home = home;
  }

  get isConnected(): boolean {
    return this.#client !== null;
  }

  get client(): HostClient {
    if (this.#client === null) throw new Error('The surface is not connected.');
    return this.#client;
  }

  /** Connects to whatever host serves the home, and goes on from its cursors. */
  async connect(limitMs = CONNECT_LIMIT_MS): Promise<HostClient> {
    return await eventually(async () => {
      try {
        return await this.#connectOnce();
      } catch {
        // Nobody there yet, or one that was just about to die.
        return null;
      }
    }, limitMs);
  }

  /** As a surface that is killed: nothing is said. */
  cut(): void {
    this.#client?.close('cut');
    this.#client = null;
  }

  async follow(sessionId: SessionId): Promise<void> {
    const book: Book = {
      followed: new FollowedSession(sessionId, systemTimers, (seq) => {
        book.acknowledged = seq;
        this.#client?.acknowledge({ sessionId, seq });
      }),
      events: [],
      acknowledged: 0,
      early: null,
      on: null,
    };
    this.#books.set(sessionId, book);
    await this.#followAgain(this.client, sessionId, book);
  }

  /** What was seen of all sessions. */
  all(): SessionEvent[] {
    return [...this.#books.values()].flatMap(({ events }) => events);
  }

  seen(sessionId: SessionId): readonly SessionEvent[] {
    return this.#books.get(sessionId)?.events ?? [];
  }

  /** Resolves with the first event seen that fits, past or to come. */
  async event<T extends SessionEvent['type']>(
    sessionId: SessionId,
    type: T,
    fits: (event: Extract<SessionEvent, { type: T }>) => boolean = () => true,
  ): Promise<Extract<SessionEvent, { type: T }>> {
    return await eventually(
      async () =>
        this.seen(sessionId).find(
          (event): event is Extract<SessionEvent, { type: T }> =>
            // The cast follows from the comparison before it.
            event.type === type && fits(event as Extract<SessionEvent, { type: T }>),
        ) ?? null,
    );
  }

  /** What of the recorded is missing or different in `stored`, and what is wrong with its numbers. */
  differences(sessionId: SessionId, stored: readonly SessionEvent[]): string[] {
    const wrong = stored.flatMap((event, index) =>
      event.seq === index + 1 ? [] : [`event ${index + 1} of the log has the number ${event.seq}`],
    );
    let last = 0;
    for (const event of this.seen(sessionId)) {
      const from = event.from ?? event.seq;
      if (from !== last + 1) wrong.push(`the surface saw ${from} after ${last}`);
      last = event.seq;
      const now = merge(stored.slice(from - 1, event.seq));
      if (JSON.stringify(now) !== JSON.stringify([event]))
        wrong.push(`event ${event.seq} was ${JSON.stringify(event)}, is ${JSON.stringify(now)}`);
    }
    return [...wrong, ...this.faults];
  }

  async #connectOnce(): Promise<HostClient> {
    const transport = new SocketTransport(await connectHost(this.#home));
    const { client, hello } = await HostClient.connect(transport, { surface: 'cli', version: '0' });
    this.epochs.add(hello.epoch);
    client.notices.on((notice) => {
      if (notice.name !== 'session.events' || this.#client !== client) return;
      const { sessionId, events } = notice.params;
      const book = this.#books.get(sessionId);
      if (book === undefined) return;
      if (book.early !== null) book.early.push(...events);
      else this.#take(book, events);
    });
    client.closed.on(() => {
      if (this.#client !== client) return;
      this.#client = null;
      this.lost.emit();
    });
    this.#client = client;
    try {
      for (const [sessionId, book] of this.#books) await this.#followAgain(client, sessionId, book);
      return client;
    } catch (error) {
      if (this.#client === client) this.#client = null;
      client.close('could not follow');
      throw error;
    }
  }

  #take(book: Book, events: readonly SessionEvent[]): void {
    const taken = book.followed.take(events);
    if (taken.kind === 'gap') this.faults.push(`a gap before ${events[0]?.seq}`);
    else book.events.push(...taken.events);
  }

  /** Further behind than a tail: what lies between is there to be read. */
  async #read(
    client: HostClient,
    sessionId: SessionId,
    from: number,
    upTo: number,
  ): Promise<SessionEvent[]> {
    const all: SessionEvent[] = [];
    for (let after = from; after < upTo; after = all.at(-1)?.seq ?? upTo) {
      const page = await client.call('session.events', { sessionId, after, limit: 2_000 });
      const events = page.events.filter(({ seq }) => seq <= upTo);
      if (events.length === 0) throw new Error(`The events after ${after} are gone.`);
      all.push(...events);
    }
    return all;
  }

  /** One at a time: a session that is new while the surface reconnects is asked for from both sides. */
  async #followAgain(client: HostClient, sessionId: SessionId, book: Book): Promise<void> {
    const follow = async () => await this.#followNow(client, sessionId, book);
    this.#following = this.#following.then(follow, follow);
    await this.#following;
  }

  async #followNow(client: HostClient, sessionId: SessionId, book: Book): Promise<void> {
    if (book.on === client) return;
    const position = book.followed.position;
    book.early = [];
    const answer = await client.call('session.follow', { sessionId, ...position });
    const { lastSeq } = answer.state;
    const events = answer.continues
      ? answer.events
      : await this.#read(client, sessionId, book.events.at(-1)?.seq ?? 0, lastSeq);
    book.followed.restart(answer);
    book.events.push(...events);
    book.acknowledged = lastSeq;
    book.on = client;
    const { early } = book;
    book.early = null;
    this.#take(book, early);
  }
}

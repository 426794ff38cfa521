import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { MAX_EVENT_BYTES, TAIL_BYTES, TAIL_EVENTS } from '../../protocol/limits.ts';
import type { FollowResult } from '../../protocol/methods.ts';
import type { SessionEvent } from '../../protocol/session/events.ts';
import { merge } from '../../protocol/session/merge.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import { UnackedWindow } from './unacked-window.ts';

/** What a feed needs of the event log. */
export interface FeedLog {
  state(id: SessionId): SessionState | null;
  follow(id: SessionId, listener: (events: readonly SessionEvent[]) => void): () => void;
}

/** What a feed needs of the store. */
export interface FeedStore {
  readonly epoch: string;
  events(
    id: SessionId,
    range: { after?: number; limit: number; maxBytes?: number; newest?: boolean },
  ): SessionEvent[];
  bytesOf(event: SessionEvent): number;
}

export interface SessionFeedNeeds {
  readonly log: FeedLog;
  readonly store: FeedStore;
  readonly sessionId: SessionId;
  /** Where the surface says it is. */
  readonly epoch?: string | undefined;
  readonly cursor?: number | undefined;
  /** Of the surface, shared by all that it follows; absent: one of its own. */
  readonly window?: UnackedWindow;
  send(events: readonly SessionEvent[]): void;
  /** Runs what it is given after the answer to `session.follow` is on its way. */
  defer?(begin: () => void): void;
}

/** Read from the log for each place in the window: merging makes fewer of them. */
const EVENTS_PER_PLACE = 4;

interface Unacked {
  readonly seq: number;
  readonly bytes: number;
}

/**
 * One surface's subscription to one session: every event after the answer once, in order. While the
 * surface keeps up events pass straight through. With too much unacknowledged it stops, keeps
 * nothing in memory, and goes on from the log as acknowledgements arrive.
 */
export class SessionFeed {
  readonly #needs: SessionFeedNeeds;
  readonly #unfollow: () => void;
  readonly #window: UnackedWindow;
  readonly #leaveWindow: () => void;
  readonly #goOn = (): void => this.#catchUp();
  readonly #unacked: Unacked[] = [];
  #sentSeq: number;
  #isBegun = false;
  #isClosed = false;

  private constructor(needs: SessionFeedNeeds, sentSeq: number) {
    this.#needs = needs;
    this.#sentSeq = sentSeq;
    this.#window = needs.window ?? new UnackedWindow();
    this.#leaveWindow = this.#window.join(this.#goOn);
    this.#unfollow = needs.log.follow(needs.sessionId, (events) => this.#onEvents(events));
  }

  /** Throws an {@link RpcFailure} `notFound` for a session that is not there. */
  static open(needs: SessionFeedNeeds): { feed: SessionFeed; result: FollowResult } {
    const result = followResult(needs);
    const feed = new SessionFeed(needs, result.state.lastSeq);
    (needs.defer ?? setImmediate)(() => feed.#begin());
    return { feed, result };
  }

  /** The surface has everything up to `seq`. A number it was never sent is cut down to what was. */
  acknowledge(seq: number): void {
    const open = this.#unacked.findIndex(({ seq: sent }) => sent > seq);
    this.#giveBack(open === -1 ? this.#unacked.length : open);
  }

  close(): void {
    this.#isClosed = true;
    this.#unfollow();
    this.#leaveWindow();
    this.#giveBack(this.#unacked.length);
  }

  /** The first so many. Whoever waits for room goes on, this feed among them. */
  #giveBack(count: number): void {
    if (count === 0) return;
    const bytes = this.#unacked.splice(0, count).reduce((sum, each) => sum + each.bytes, 0);
    this.#window.give(count, bytes);
  }

  #begin(): void {
    this.#isBegun = true;
    this.#catchUp();
  }

  #onEvents(events: readonly SessionEvent[]): void {
    if (!this.#isBegun || this.#isClosed) return;
    const isUpToDate = events[0]?.seq === this.#sentSeq + 1;
    if (!isUpToDate) return this.#catchUp();
    this.#send(events);
    // The window closed in the middle: the rest is read again, merged, when there is room.
  }

  /** Reads on from the log while there is room in the window. */
  #catchUp(): void {
    if (!this.#isBegun || this.#isClosed) return;
    const { log, store, sessionId } = this.#needs;
    while (this.#window.hasRoom && this.#sentSeq < (log.state(sessionId)?.lastSeq ?? 0)) {
      const events = store.events(sessionId, {
        after: this.#sentSeq,
        limit: EVENTS_PER_PLACE * this.#window.freeEvents,
        maxBytes: this.#window.freeBytes,
      });
      if (events.length === 0 || this.#send(merge(events)) === 0) return;
    }
  }

  /** Sends as many as fit and returns how many: an event larger than the window goes alone. */
  #send(events: readonly SessionEvent[]): number {
    let count = 0;
    for (const event of events) {
      const bytes = this.#needs.store.bytesOf(event);
      if (!this.#window.fits(bytes)) break;
      this.#unacked.push({ seq: event.seq, bytes });
      this.#window.take(bytes, this.#goOn);
      this.#sentSeq = event.seq;
      count += 1;
    }
    if (count > 0) this.#needs.send(count === events.length ? events : events.slice(0, count));
    return count;
  }
}

/** The answer to `session.follow`: what continues the cursor, else the end of the transcript. */
function followResult({ log, store, sessionId, epoch, cursor }: SessionFeedNeeds): FollowResult {
  const state = log.state(sessionId);
  if (state === null) throw new RpcFailure('notFound', `There is no session ${sessionId}.`);
  const answer = { epoch: epochOf(store), state };
  if (epoch === store.epoch && cursor !== undefined && cursor <= state.lastSeq) {
    const events = tailAfter(store, sessionId, cursor, state.lastSeq);
    if (events !== null) return { ...answer, events, continues: true, earlier: cursor };
  }
  const events = store.events(sessionId, {
    newest: true,
    limit: TAIL_EVENTS,
    maxBytes: TAIL_BYTES,
  });
  const first = events[0];
  const isTooLarge =
    events.length === 1 && first !== undefined && store.bytesOf(first) > MAX_EVENT_BYTES;
  const kept = isTooLarge ? [] : events;
  return {
    ...answer,
    events: kept,
    continues: false,
    earlier: (kept[0]?.seq ?? state.lastSeq + 1) - 1,
  };
}

/** Everything after the cursor, or null when that is more than a tail. */
function tailAfter(
  store: FeedStore,
  sessionId: SessionId,
  cursor: number,
  lastSeq: number,
): SessionEvent[] | null {
  if (cursor === lastSeq) return [];
  if (lastSeq - cursor > TAIL_EVENTS) return null;
  const events = store.events(sessionId, {
    after: cursor,
    limit: TAIL_EVENTS,
    maxBytes: TAIL_BYTES,
  });
  const last = events.at(-1);
  if (last === undefined || last.seq < lastSeq) return null;
  const isTooLarge = events.length === 1 && store.bytesOf(last) > MAX_EVENT_BYTES;
  return isTooLarge ? null : events;
}

function epochOf(store: FeedStore): FollowResult['epoch'] {
  // The store's own epoch; the brand marks it as one wherever it goes from here.
  return store.epoch as FollowResult['epoch'];
}

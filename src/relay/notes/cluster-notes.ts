import type { Logger } from '../../base/log.ts';
import type { ChannelId } from '../../protocol/relay.ts';
import type { Clock } from '../clock.ts';
import type { Bus } from '../cluster/bus.ts';
import type { NodeId } from '../cluster/peers.ts';
import { FencedStore } from './fenced-store.ts';
import { ForwardedHost } from './forwarded-host.ts';
import type { Fence } from './host-notes.ts';
import { NoteLease, type Term } from './note-lease.ts';
import { encode, readAnswer, readTelling, type Answer, type Telling } from './note-words.ts';
import type { LeaseStore } from './lease-store.ts';
import { NoteBook, type NoteLimits } from './note-book.ts';
import { NoteCounts } from './note-counts.ts';
import { NoteCourier } from './note-courier.ts';
import type { RelayNotes } from './note-desk.ts';
import { NoteKeeper } from './note-keeper.ts';
import type { Post } from './note-sender.ts';
import type { SharedNoteStore } from './note-store.ts';

/** After the notes could not be read here another node may try first. */
const PAUSE_MS = 15_000;
const CONFIRM_AGAIN_MS = 500;
/** What hosts have said last is told and kept before this node ends. */
const LAST_WORDS_MS = 1_000;

export interface ClusterNotesNeeds {
  readonly self: NodeId;
  readonly bus: Bus;
  /** Heard by the node that keeps the notes. */
  readonly subject: string;
  readonly lease: LeaseStore;
  /** A new one for each time that this node begins to keep them. */
  openStore(onFailed: (problem: string) => void): SharedNoteStore;
  readonly post: Post;
  readonly clock: Clock;
  /** Milliseconds since 1970, by this node's own clock. */
  wallMs(): number;
  /** In [0, 1). */
  random(): number;
  readonly limits: NoteLimits;
  readonly log: Logger;
}

/** While this node is the one that keeps them. */
interface Keeping {
  readonly term: Term;
  /** null: they are being read. */
  keeper: NoteKeeper | null;
  book: NoteBook | null;
  end: () => void;
}

/**
 * Notes in a cluster: one node keeps them, in what all nodes can read, and sends them; the others tell
 * it what their hosts say. Which node that is, is a lease; when it ends, another goes on.
 *
 * A note is sent only after it is written down that it is, and after the store has confirmed that this
 * node still has the lease, in this order. So of two that take themselves for the keeper one sends.
 */
export class ClusterNotes implements RelayNotes {
  readonly counts = new NoteCounts();
  readonly #needs: ClusterNotesNeeds;
  readonly #lease: NoteLease;
  readonly #courier: NoteCourier;
  #keeping: Keeping | null = null;

  constructor(needs: ClusterNotesNeeds) {
    this.#needs = needs;
    const { self, clock, log, lease } = needs;
    this.#lease = new NoteLease({
      ...{ store: lease, self, clock, log },
      wallMs: () => needs.wallMs(),
      random: () => needs.random(),
      taken: (term) => void this.#begin(term),
      lost: () => this.#end(),
    });
    this.#courier = new NoteCourier({
      ...{ self, clock },
      ask: async (telling, limitMs) => await this.#ask(telling, limitMs),
    });
  }

  /** Whether this node is the one that keeps them. */
  get isKeeper(): boolean {
    return this.#keeping?.keeper != null;
  }

  get waiting(): number {
    return this.#courier.waiting;
  }

  of(channel: ChannelId): ForwardedHost {
    return new ForwardedHost(channel, this.#needs.limits.silences, this.#courier);
  }

  /** Of what this node keeps. */
  figures(): { readonly notes: number; readonly bytes: number } {
    return this.#keeping?.book?.figures() ?? { notes: 0, bytes: 0 };
  }

  async retire(): Promise<void> {
    await this.#lease.close();
  }

  async close(): Promise<void> {
    await this.#courier.close(LAST_WORDS_MS);
    // While the lease is held: what is left is written.
    await this.#keeping?.book?.close();
    await this.#lease.close();
  }

  // ── from this node's hosts ──

  async #ask(telling: Telling, limitMs: number): Promise<Answer | null> {
    const here = this.#answer(telling);
    if (here !== null) return here;
    const { bus, subject } = this.#needs;
    const answer = await bus.ask(subject, encode(telling), limitMs);
    return answer === null ? null : readAnswer(answer);
  }

  /** null: this node does not keep them. */
  #answer(telling: Telling): Answer | null {
    const { term, keeper } = this.#keeping ?? {};
    return keeper != null && term?.holds() === true ? keeper.answer(telling) : null;
  }

  // ── as the keeper ──

  async #begin(term: Term): Promise<void> {
    const { clock, log, bus, subject, limits, post, random } = this.#needs;
    const keeping: Keeping = { term, keeper: null, book: null, end: () => {} };
    this.#keeping = keeping;
    const fence: Fence = { holds: () => term.holds(), confirm: async () => await this.#ours(term) };
    let onFailed: (problem: string) => void = () => {};
    const store = new FencedStore(
      this.#needs.openStore((problem) => onFailed(problem)),
      fence,
      () => {
        if (this.#keeping === keeping) void this.#lease.giveBack(0);
      },
    );
    try {
      const book = await NoteBook.open({
        ...{ store, post, clock, random, limits, log, fence, counts: this.counts },
        wallMs: () => term.wallMs(),
      });
      onFailed = (problem) => book.storeFailed(problem);
      keeping.book = book;
      if (this.#keeping !== keeping) return await book.close();
      const durable = async (): Promise<void> => await store.durable();
      const keeper = new NoteKeeper({ book, clock, durable });
      keeping.keeper = keeper;
      const stopHearing = bus.subscribe(subject, (payload, reply) => {
        const telling = readTelling(payload);
        const answer = telling === null ? null : this.#answer(telling);
        if (answer !== null) reply?.(encode(answer));
      });
      keeping.end = () => {
        stopHearing();
        keeper.close();
      };
      log.info({}, 'this node keeps the notes of hosts');
    } catch (error) {
      log.error(
        { err: error instanceof Error ? error.message : String(error) },
        'no notes are kept',
      );
      store.close().catch(() => {});
      if (this.#keeping === keeping) await this.#lease.giveBack(PAUSE_MS);
    }
  }

  #end(): void {
    const keeping = this.#keeping;
    this.#keeping = null;
    if (keeping === null) return;
    keeping.end();
    void keeping.book?.close();
    this.#needs.log.info({}, 'this node keeps the notes of hosts no more');
  }

  /** Asks until it is told, or the lease has run out. */
  async #ours(term: Term): Promise<boolean> {
    while (term.holds()) {
      if (await term.confirm()) return true;
      await new Promise<void>((resolve) => {
        this.#needs.clock.after(CONFIRM_AGAIN_MS, resolve);
      });
    }
    return false;
  }
}

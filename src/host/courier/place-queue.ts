import { backoffMs } from '../../base/backoff.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Handed, Notice } from '../attention/notice.ts';
import type { Carried, Carrier } from './carrier.ts';
import type { Gate } from './gate.ts';

/** Attention makes one of many; more than this at once is a flood. */
const MAX_WAITING = 200;
const MAX_WITHDRAWN_AT_ONCE = 20;
/** Of ids that are remembered; one that fell out is taken back like one that was shown. */
const MAX_KNOWN = 1_000;
const RETRY = { firstMs: 1_000, maxMs: 300_000 };
/** What the other end may ask for; a slower one is asked again all the same. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** A day later nobody waits for it. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;
/** Something new is reason to look whether the way is back, this often. */
const EARLY_TRY_MS = 5_000;

export interface QueueNeeds {
  /** The place as it is now; null: there is none any more. */
  carrier(): Carrier | null;
  badge(): number;
  readonly gate: Gate;
  readonly timers: Timers;
  /** A clock that nobody sets: how long something waited is told by it. */
  steadyMs(): number;
  /** In [0, 1). */
  random(): number;
  readonly logger: Logger;
  handed(handed: Omit<Handed, 'place'>): void;
  withdrawn(ids: readonly string[]): void;
  /** How a try went. */
  tried(carried: Carried): void;
}

interface Withdrawal extends Since {
  /** The last that is taken back; null: not known. */
  readonly upToRound: number | null;
}

interface Waiting {
  readonly notice: Notice;
  /** By the steady clock. */
  readonly sinceMs: number;
  isShort: boolean;
}

interface Since {
  readonly wallMs: number;
  readonly steadyMs: number;
}

/**
 * One place: one request at a time, so that nothing overtakes. What is to be taken back goes before
 * what is to be shown; of an id only its newest telling waits, and none that was withdrawn.
 */
export class PlaceQueue {
  readonly #needs: QueueNeeds;
  readonly #startedMs: number;
  readonly #shows = new Map<string, Waiting>();
  readonly #withdrawals = new Map<string, Withdrawal>();
  /** `never`: surely not on the screen there, first told by this host and no try has arrived. */
  readonly #known = new Map<string, 'never' | 'maybe'>();
  #inFlight: { readonly id: string; isWithdrawn: boolean } | null = null;
  #isBusy = false;
  #isClosed = false;
  #failures = 0;
  #lastTryMs = -Infinity;
  /** Not before this, because the other end said so. */
  #notBeforeMs = -Infinity;
  #cancelRetry: (() => void) | null = null;

  constructor(needs: QueueNeeds) {
    this.#needs = needs;
    this.#startedMs = needs.timers.nowMs();
  }

  show(notice: Notice): void {
    const { id, round } = notice;
    const sinceMs = this.#needs.steadyMs();
    if (!this.#known.has(id)) this.#note(id, this.#isFirst(notice) ? 'never' : 'maybe');
    const before = this.#shows.get(id);
    if (before !== undefined && before.notice.round > round) return;
    // In its old turn: what is told anew has waited already.
    this.#shows.set(id, { notice, sinceMs, isShort: false });
    const [oldest] = this.#shows.keys();
    if (this.#shows.size > MAX_WAITING && oldest !== undefined)
      this.#giveUp(oldest, 'Too much waited to be told there.');
    this.#look();
  }

  withdraw(ids: readonly string[], upToRound: number | null = null): void {
    const since = { wallMs: this.#needs.timers.nowMs(), steadyMs: this.#needs.steadyMs() };
    const done: string[] = [];
    for (const id of ids) {
      this.#shows.delete(id);
      const isInFlight = this.#inFlight?.id === id;
      if (isInFlight && this.#inFlight !== null) this.#inFlight.isWithdrawn = true;
      if (!isInFlight && this.#known.get(id) === 'never') done.push(id);
      else this.#withdrawals.set(id, { ...since, ...this.#withdrawals.get(id), upToRound });
    }
    if (done.length > 0) queueMicrotask(() => this.#takenBack(done));
    this.#look();
  }

  /** The place is another, or the way may be back: it is tried at once. */
  kick(): void {
    this.#failures = 0;
    this.#notBeforeMs = -Infinity;
    this.#lastTryMs = -Infinity;
    this.#look();
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
  }

  /**
   * The place is no more: what waits to be shown has come to its end. What is to be taken back is not
   * said to be: it may stand there still when the place is back, and is asked again then.
   */
  gone(problem: string): void {
    for (const id of this.#shows.keys()) this.#giveUp(id, problem);
    this.#withdrawals.clear();
  }

  /** Surely none of an earlier host: told first now, and neither repeated (louder) nor a digest that grows. */
  #isFirst({ at, again, loud, count }: Notice): boolean {
    // Clocks are set: of the two the word of who keeps the record counts.
    if (again === true) return false;
    return Date.parse(at) >= this.#startedMs && !loud && count === undefined;
  }

  /** What is asked in one go is sent together. */
  #look(): void {
    if (this.#isBusy || this.#isClosed) return;
    const nowMs = this.#needs.timers.nowMs();
    const isResting = this.#cancelRetry !== null;
    if (isResting && (nowMs < this.#notBeforeMs || nowMs - this.#lastTryMs < EARLY_TRY_MS)) return;
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#isBusy = true;
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isClosed && this.#cancelRetry === null && (await this.#next()));
    } catch (error) {
      this.#needs.logger.error({ err: error }, 'a place could not be told');
      this.#later({ afterMs: null });
    } finally {
      this.#isBusy = false;
    }
    // It may have come while the last round ended.
    const isMore = this.#shows.size > 0 || this.#withdrawals.size > 0;
    if (isMore && this.#cancelRetry === null) this.#look();
  }

  /** One thing; false when there is nothing to do. */
  async #next(): Promise<boolean> {
    if (this.#shows.size === 0 && this.#withdrawals.size === 0) return false;
    return await this.#needs.gate.pass(async () => {
      if (this.#isClosed) return false;
      // Chosen only now: what waited at the gate may have been taken back.
      const carrier = this.#needs.carrier();
      if (carrier === null) {
        this.gone('There is no such place any more.');
        return false;
      }
      this.#giveUpTheOld();
      this.#lastTryMs = this.#needs.timers.nowMs();
      if (this.#withdrawals.size > 0) await this.#withdrawSome(carrier);
      else await this.#showOne(carrier);
      return true;
    });
  }

  async #withdrawSome(carrier: Carrier): Promise<void> {
    const some = [...this.#withdrawals].slice(0, MAX_WITHDRAWN_AT_ONCE);
    const ids = some.map(([id]) => id);
    const sinceMs = Math.min(...some.map(([, { wallMs }]) => wallMs));
    const rounds = some.flatMap(([, { upToRound }]) => upToRound ?? []);
    const known = rounds.length === ids.length ? rounds : null;
    const carried = await attempt(() => carrier.withdraw(ids, this.#needs.badge(), sinceMs, known));
    this.#needs.tried(carried);
    if (carried.kind === 'again') return this.#later(carried);
    if (carried.kind === 'gone') return this.gone(carried.problem);
    this.#failures = 0;
    this.#takenBack(ids);
  }

  async #showOne(carrier: Carrier): Promise<void> {
    const [first] = this.#shows;
    if (first === undefined) return;
    const [id, waiting] = first;
    const { notice } = waiting;
    this.#shows.delete(id);
    const flight = { id, isWithdrawn: false };
    this.#inFlight = flight;
    const carried = await attempt(() => carrier.show(notice, this.#needs.badge(), waiting.isShort));
    this.#inFlight = null;
    const isThere = carried.kind === 'handed' || (carried.kind === 'again' && carried.mayBeThere);
    if (isThere) this.#note(id, 'maybe');
    this.#needs.tried(carried);
    if (flight.isWithdrawn && this.#known.get(id) === 'never') this.#takenBack([id]);
    const isNewest = !flight.isWithdrawn && !this.#shows.has(id);
    switch (carried.kind) {
      case 'handed':
        this.#failures = 0;
        return this.#tell(notice, 'handed', null);
      case 'again':
        if (isNewest) this.#putFirst(id, waiting);
        return this.#later(carried);
      case 'tooLarge':
        this.#failures = 0;
        if (waiting.isShort) return this.#tell(notice, 'given up', carried.problem);
        waiting.isShort = true;
        if (isNewest) this.#putFirst(id, waiting);
        return;
      case 'never':
        this.#failures = 0;
        return this.#tell(notice, 'given up', carried.problem);
      case 'gone':
        this.#tell(notice, 'given up', carried.problem);
        return this.gone(carried.problem);
      default:
    }
  }

  /** It keeps its turn. */
  #putFirst(id: string, waiting: Waiting): void {
    const others = [...this.#shows];
    this.#shows.clear();
    this.#shows.set(id, waiting);
    for (const [other, its] of others) this.#shows.set(other, its);
  }

  #later({ afterMs }: { readonly afterMs: number | null }): void {
    this.#failures += 1;
    const { timers, random } = this.#needs;
    const ownMs = backoffMs(this.#failures, RETRY, random());
    const askedMs = Math.min(afterMs ?? 0, MAX_RETRY_AFTER_MS);
    if (askedMs > 0) this.#notBeforeMs = timers.nowMs() + askedMs;
    this.#cancelRetry?.();
    this.#cancelRetry = timers.after(Math.max(ownMs, askedMs), () => {
      this.#cancelRetry = null;
      this.#look();
    });
  }

  #giveUpTheOld(): void {
    const oldestMs = this.#needs.steadyMs() - GIVE_UP_AFTER_MS;
    for (const [id, { sinceMs }] of this.#shows)
      if (sinceMs < oldestMs) this.#giveUp(id, 'It could not be told there for a day.');
    const old = [...this.#withdrawals].filter(([, { steadyMs }]) => steadyMs < oldestMs);
    this.#takenBack(old.map(([id]) => id));
  }

  #giveUp(id: string, problem: string): void {
    const waiting = this.#shows.get(id);
    this.#shows.delete(id);
    if (waiting !== undefined) this.#tell(waiting.notice, 'given up', problem);
  }

  #tell({ id, round }: Notice, outcome: Handed['outcome'], problem: string | null): void {
    this.#needs.handed({ id, round, outcome, problem, atMs: this.#needs.timers.nowMs() });
  }

  #takenBack(ids: readonly string[]): void {
    for (const id of ids) {
      this.#withdrawals.delete(id);
      if (!this.#shows.has(id) && this.#inFlight?.id !== id) this.#known.delete(id);
    }
    if (ids.length > 0) this.#needs.withdrawn(ids);
  }

  #note(id: string, what: 'never' | 'maybe'): void {
    this.#known.set(id, what);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
  }
}

async function attempt(work: () => Promise<Carried>): Promise<Carried> {
  try {
    return await work();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { kind: 'never', status: null, problem: problem.slice(0, 400) };
  }
}

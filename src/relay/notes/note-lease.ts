import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import type { Clock } from '../clock.ts';
import { nodeIdSchema } from '../cluster/node-id.ts';
import type { NodeId } from '../cluster/peers.ts';
import type { LeaseEntry, LeaseStore } from './lease-store.ts';
import { readRecord } from './records.ts';

export const RENEW_MS = 3_000;
/** Its holder acts on it for so long after it sent the renewal that was last confirmed. */
export const HOLD_MS = 8_000;
/**
 * Another node takes it when it has seen nothing of it for so long, by its own clock: longer than the
 * holder acts, which has sent what the other one saw before it was seen.
 */
export const LAPSE_MS = 10_000;
const TICK_MS = 1_000;
/** Who finds it free at the same time as others does not ask at the same time. */
const MAX_JITTER_MS = 500;
/** By so much of the time that passes a keeper brings the clock that it took over back to its own. */
const SLEW = 0.02;
/** Clocks of nodes that are so far apart are worth a word. */
const APART_MS = 60_000;

const recordSchema = z.object({
  v: z.literal(1),
  /** null: given back. */
  keeper: nodeIdSchema.nullable(),
  /** What is kept is dated by this clock, which each keeper takes over from the one before. */
  wallMs: z.number(),
  /** Counts the writes of one keeper. */
  beat: z.number().int().nonnegative(),
});
type LeaseRecord = z.infer<typeof recordSchema>;

/** The time of one keeper, until it loses the lease. */
export interface Term {
  /** By this node's clocks alone; false for ever once it was. */
  holds(): boolean;
  /** True: nobody else had it when this was asked, and nobody takes it for some seconds. */
  confirm(): Promise<boolean>;
  /** Milliseconds since 1970 by the clock that goes from keeper to keeper. */
  wallMs(): number;
}

export interface NoteLeaseNeeds {
  readonly store: LeaseStore;
  readonly self: NodeId;
  readonly clock: Clock;
  wallMs(): number;
  /** In [0, 1). */
  random(): number;
  readonly log: Logger;
  /** It is ours; `lost` follows, once. */
  taken(term: Term): void;
  lost(): void;
}

interface Held {
  revision: number;
  beat: number;
  /** Both clocks have to agree: one stands still while the machine sleeps, the other one may be set. */
  untilMs: number;
  untilWallMs: number;
  aheadMs: number;
}

interface Seen extends LeaseEntry {
  readonly record: LeaseRecord | null;
  readonly atMs: number;
  /** We were there when it came to be. */
  readonly isFresh: boolean;
}

/**
 * Which of the nodes keeps the notes. No node's clock is compared with another's: the holder counts
 * from when it sent its last renewal, the others from when they last saw a new one.
 */
export class NoteLease {
  readonly #needs: NoteLeaseNeeds;
  #held: Held | null = null;
  #seen: Seen | null = null;
  #nextMs = 0;
  #isClosed = false;
  #stopTicking: () => void = () => {};
  /** One request at a time; never rejects. */
  #running: Promise<unknown> = Promise.resolve();
  #isLooking = false;
  #confirming: Promise<boolean> | null = null;

  constructor(needs: NoteLeaseNeeds) {
    this.#needs = needs;
    this.#tick();
  }

  get isHeld(): boolean {
    return this.#held !== null && this.#isCurrent(this.#held);
  }

  /** Gives it back, so that another node need not wait for it to lapse; and takes it no more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopTicking();
    await this.giveBack(0);
  }

  /** As `close`, and tries again after the pause. */
  async giveBack(pauseMs: number): Promise<void> {
    this.#nextMs = this.#needs.clock.nowMs() + pauseMs;
    await this.#inTurn(async () => {
      const held = this.#held;
      if (held === null || !this.#isCurrent(held)) return this.#lose();
      const wallMs = this.#needs.wallMs() + held.aheadMs;
      // First, so that nothing is done on it while another has it already.
      this.#lose();
      await this.#write({ v: 1, keeper: null, wallMs, beat: held.beat + 1 }, held.revision);
    });
  }

  #tick(): void {
    this.#stopTicking = this.#needs.clock.after(TICK_MS, () => {
      this.#look();
      if (!this.#isClosed) this.#tick();
    });
  }

  #look(): void {
    const { clock, random } = this.#needs;
    if (this.#held !== null && !this.#isCurrent(this.#held)) this.#lose();
    const nowMs = clock.nowMs();
    if (nowMs < this.#nextMs || this.#isLooking) return;
    this.#nextMs = nowMs + RENEW_MS;
    this.#isLooking = true;
    const jitterMs = this.#held === null ? random() * MAX_JITTER_MS : 0;
    clock.after(jitterMs, () => {
      void this.#inTurn(async () => await this.#renewOrTry()).then((isDone) => {
        this.#isLooking = false;
        // A leader of the store is elected in less time than a lease has; so it is asked more often.
        if (!isDone && this.#held !== null) this.#nextMs = 0;
      });
    });
  }

  /** False: it failed. It is tried again at the next look; a holder that cannot renew loses it by the clock. */
  async #inTurn(act: () => Promise<void>): Promise<boolean> {
    const turn = this.#running.then(act).then(
      () => true,
      () => false,
    );
    this.#running = turn;
    return await turn;
  }

  async #renewOrTry(): Promise<void> {
    if (this.#isClosed) return;
    if (this.#held === null) await this.#try();
    else await this.#renew(this.#held);
  }

  // ── held ──

  #isCurrent(held: Held): boolean {
    const { clock, wallMs } = this.#needs;
    return clock.nowMs() < held.untilMs && wallMs() < held.untilWallMs;
  }

  /** True: the store had nobody else's when this was sent. */
  async #renew(held: Held): Promise<boolean> {
    const { clock, wallMs, self } = this.#needs;
    if (this.#held !== held || !this.#isCurrent(held)) return false;
    const [sentMs, sentWallMs] = [clock.nowMs(), wallMs()];
    held.beat += 1;
    const record: LeaseRecord = {
      ...{ v: 1, keeper: self, beat: held.beat },
      wallMs: sentWallMs + held.aheadMs,
    };
    const revision = await this.#write(record, held.revision);
    // It was lost while the answer was on its way: what came of it is as if another had it.
    if (this.#held !== held || !this.#isCurrent(held)) return false;
    if (revision === null) return await this.#recover(held);
    held.revision = revision;
    held.aheadMs = slewed(held.aheadMs, sentMs + HOLD_MS - held.untilMs);
    held.untilMs = sentMs + HOLD_MS;
    held.untilWallMs = sentWallMs + HOLD_MS;
    return true;
  }

  /** An earlier renewal may have been written without our having heard of it. */
  async #recover(held: Held): Promise<boolean> {
    const { store, self } = this.#needs;
    const entry = await store.read();
    if (this.#held !== held) return false;
    const record = entry === null ? null : readRecord(recordSchema, entry.text);
    const isOurs = record?.keeper === self && record.beat <= held.beat;
    if (entry === null || !isOurs || entry.revision <= held.revision) {
      // An old answer is no proof that it is another's, but then the clock decides.
      if (entry === null || !isOurs) this.#lose();
      return false;
    }
    held.revision = entry.revision;
    return await this.#renew(held);
  }

  async #confirm(held: Held): Promise<boolean> {
    // All that ask while one is on its way share the next.
    this.#confirming ??= this.#confirmNext(held);
    return await this.#confirming;
  }

  async #confirmNext(held: Held): Promise<boolean> {
    const turn = this.#running.then(async () => {
      this.#confirming = null;
      return await this.#renew(held).catch(() => false);
    });
    this.#running = turn;
    return await turn;
  }

  #lose(): void {
    if (this.#held === null) return;
    this.#held = null;
    this.#needs.lost();
  }

  // ── not held ──

  async #try(): Promise<void> {
    const { store, clock, self } = this.#needs;
    const entry = await store.read();
    const nowMs = clock.nowMs();
    if (entry !== null && entry.revision !== this.#seen?.revision) {
      const record = readRecord(recordSchema, entry.text);
      this.#seen = { ...entry, record, atMs: nowMs, isFresh: this.#seen !== null };
    }
    if (entry === null) return await this.#take(null);
    const seen = this.#seen;
    if (seen === null) return;
    // Ours of before was lost by our own clock: nobody acts on it.
    const isFree = seen.record?.keeper === null || seen.record?.keeper === self;
    if (isFree || nowMs - seen.atMs >= LAPSE_MS) await this.#take(seen);
  }

  async #take(seen: Seen | null): Promise<void> {
    const { clock, wallMs, self, log, taken } = this.#needs;
    const [sentMs, sentWallMs] = [clock.nowMs(), wallMs()];
    const aheadMs = aheadOf(seen, sentMs, sentWallMs);
    const beat = (seen?.record?.beat ?? 0) + 1;
    const record: LeaseRecord = { v: 1, keeper: self, wallMs: sentWallMs + aheadMs, beat };
    const revision = await this.#write(record, seen?.revision ?? null);
    if (revision === null || this.#isClosed) return;
    const until = { untilMs: sentMs + HOLD_MS, untilWallMs: sentWallMs + HOLD_MS };
    const held: Held = { revision, beat, aheadMs, ...until };
    // It took too long to be told.
    if (!this.#isCurrent(held)) return;
    this.#held = held;
    if (Math.abs(aheadMs) > APART_MS)
      log.warn(
        { apartSec: Math.round(aheadMs / 1_000) },
        'the clocks of the nodes are apart: set them by NTP',
      );
    taken({
      holds: () => this.#held === held && this.#isCurrent(held),
      confirm: async () => await this.#confirm(held),
      wallMs: () => wallMs() + held.aheadMs,
    });
  }

  async #write(record: LeaseRecord, over: number | null): Promise<number | null> {
    return await this.#needs.store.write(JSON.stringify(record), over);
  }
}

/** Slowly, so that what is dated by it keeps its order and its length. */
function slewed(aheadMs: number, passedMs: number): number {
  return Math.sign(aheadMs) * Math.max(0, Math.abs(aheadMs) - passedMs * SLEW);
}

/**
 * By how much the clock of the keepers is ahead of ours. Who was there while the last one lived goes on
 * with its clock; after that all were away only our own can tell for how long.
 */
function aheadOf(seen: Seen | null, nowMs: number, wallNowMs: number): number {
  if (seen?.record == null) return 0;
  const aheadMs = seen.record.wallMs + (nowMs - seen.atMs) - wallNowMs;
  return seen.isFresh ? aheadMs : Math.max(0, aheadMs);
}

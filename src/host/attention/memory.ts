import { z } from 'zod';

/** Beyond, the oldest that were seen are forgotten: what began before those is taken for seen. */
const MAX_OVER = 500;
/** Of one thing. */
export const MAX_TELLINGS = 24;
const MAX_OWED = 100;
const MAX_PLACES = 100;

const tellingSchema = z.object({
  place: z.string(),
  round: z.number().int(),
  /** For people. */
  at: z.iso.datetime(),
  /** By the steady clock. */
  atMs: z.number(),
  /** `shown`: on a surface in use. `pending`: the courier has it. */
  outcome: z.enum(['shown', 'pending', 'handed', 'failed']),
  problem: z.string().optional(),
  loud: z.boolean(),
  /** By somebody there who may act on it. */
  acts: z.boolean(),
  /** A notification of its own may be seen there. */
  stands: z.boolean(),
  /** It stood for others too. */
  digest: z.boolean(),
});
export type Telling = z.infer<typeof tellingSchema>;

const keptSchema = z.object({
  sinceMs: z.number(),
  /** By somebody who may act on it. */
  seenAt: z.iso.datetime().nullable(),
  /** What was told up to this round was before it began (anew). */
  fromRound: z.number().int(),
  /** 0: from place to place. n: the n-th repetition, at all of them. */
  lap: z.number().int(),
  /** By the steady clock; null: nothing more, until something changes. */
  dueMs: z.number().nullable(),
  /** Quiet hours kept it back. */
  held: z.boolean(),
  /** It waits to be told there as one of several. */
  joins: z.string().nullable(),
  told: z.array(tellingSchema),
  /** Of viewers, who have seen it for themselves. */
  seenBy: z.array(z.string()),
  /** By the steady clock: it was over, and may come back. */
  goneMs: z.number().nullable(),
});
export type Kept = z.infer<typeof keptSchema>;

const digestSchema = z.object({
  round: z.number().int(),
  at: z.iso.datetime(),
  atMs: z.number(),
  members: z.array(z.string()),
  loud: z.boolean(),
  outcome: tellingSchema.shape.outcome,
  /** Some of it is over: when that is told. */
  staleMs: z.number().nullable(),
});
export type Digest = z.infer<typeof digestSchema>;

export const memorySchema = z.object({
  /** Of the history: a restored copy starts over. */
  epoch: z.string(),
  /** What ended before, by the wall clock, was seen or is too old to matter. */
  fromMs: z.number(),
  round: z.number().int(),
  kept: z.record(z.string(), keptSchema),
  digests: z.record(z.string(), digestSchema),
  /** By place: withdrawals that nobody has confirmed. */
  owed: z.record(z.string(), z.array(z.string())),
  /** Seen, and still derived from what is the case: since when. */
  over: z.record(z.string(), z.number()),
  /** By place: when a person was active there last, by the wall clock. */
  activeAt: z.record(z.string(), z.number()),
});
export type StoredMemory = z.infer<typeof memorySchema>;

/** What was told and seen. Its parts are replaced, never changed. */
export class Memory {
  epoch: string;
  fromMs: number;
  round: number;
  readonly kept: Map<string, Kept>;
  readonly digests: Map<string, Digest>;
  readonly owed: Map<string, readonly string[]>;
  readonly over: Map<string, number>;
  readonly activeAt: Map<string, number>;

  constructor(stored: StoredMemory) {
    this.epoch = stored.epoch;
    this.fromMs = stored.fromMs;
    this.round = stored.round;
    this.kept = new Map(Object.entries(stored.kept));
    this.digests = new Map(Object.entries(stored.digests));
    this.owed = new Map(Object.entries(stored.owed));
    this.over = new Map(Object.entries(stored.over));
    this.activeAt = new Map(Object.entries(stored.activeAt));
  }

  static empty(epoch: string, nowMs: number): Memory {
    return new Memory({
      ...{ epoch, fromMs: nowMs, round: 0, kept: {}, digests: {}, owed: {}, over: {} },
      activeAt: {},
    });
  }

  /** As it was when it was stored; null: of another history, damaged, or none. */
  static read(text: string | null, epoch: string): Memory | null {
    if (text === null) return null;
    try {
      const { data } = memorySchema.safeParse(JSON.parse(text));
      return data === undefined || data.epoch !== epoch ? null : new Memory(data);
    } catch {
      return null;
    }
  }

  text(): string {
    const { epoch, fromMs, round, kept, digests, owed, over, activeAt } = this;
    const stored: StoredMemory = {
      ...{ epoch, fromMs, round },
      kept: Object.fromEntries(kept),
      digests: Object.fromEntries(digests),
      owed: Object.fromEntries([...owed].map(([place, ids]) => [place, [...ids]])),
      over: Object.fromEntries(over),
      activeAt: Object.fromEntries(activeAt),
    };
    return JSON.stringify(stored);
  }

  set(id: string, change: Partial<Kept>): void {
    const before = this.kept.get(id);
    if (before !== undefined) this.kept.set(id, { ...before, ...change });
  }

  /** Larger than any before, also than those of a history that a restored copy does not know. */
  nextRound(wallMs: number): number {
    this.round = Math.max(this.round + 1, Math.floor(wallMs / 1_000));
    return this.round;
  }

  owe(place: string, ids: readonly string[]): void {
    const all = [...new Set([...(this.owed.get(place) ?? []), ...ids])];
    this.owed.set(place, all.slice(-MAX_OWED));
    trim(this.owed, MAX_PLACES);
  }

  /** True when something was owed. */
  settle(place: string, ids: readonly string[]): boolean {
    const before = this.owed.get(place);
    if (before === undefined || !before.some((id) => ids.includes(id))) return false;
    const rest = before.filter((id) => !ids.includes(id));
    if (rest.length === 0) this.owed.delete(place);
    else this.owed.set(place, rest);
    return true;
  }

  end(id: string, sinceMs: number): void {
    this.over.set(id, sinceMs);
    if (this.over.size <= MAX_OVER) return;
    const [oldest] = [...this.over].toSorted(([, a], [, b]) => a - b);
    if (oldest === undefined) return;
    this.over.delete(oldest[0]);
    this.fromMs = Math.max(this.fromMs, oldest[1]);
  }

  active(place: string, wallMs: number): void {
    this.activeAt.delete(place);
    this.activeAt.set(place, wallMs);
    trim(this.activeAt, MAX_PLACES);
  }
}

function trim(map: Map<string, unknown>, max: number): void {
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}

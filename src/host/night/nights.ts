import { z } from 'zod';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { CommandId } from '../../protocol/ids.ts';
import {
  nightReportSchema,
  nightSchema,
  type Night,
  type NightReport,
} from '../../protocol/night.ts';
import { BY_HOST } from '../../protocol/session/reduce.ts';
import type { Audit } from '../audit/trail.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import { StoreFull, type Store } from '../event-log/store.ts';
import type { Commands } from '../sessions/commands.ts';
import { baselinesOf, NightBook, stillWaiting } from './night-book.ts';

/** A timer does not run while the machine sleeps; and what has come is read this often. */
const LOOK_AGAIN_MS = 60_000;
/** No night is longer: a later end is a slip. */
const MAX_NIGHT_MS = 31 * 24 * 3_600_000;
const KEY = 'night';

const baselineSchema = z.object({
  seq: z.number().int(),
  isWorking: z.boolean(),
  open: z.array(z.string()).readonly(),
});
/** The night that is, or the last one, as the store keeps it. */
const keptSchema = z.object({
  night: nightSchema,
  /** null: it still is. */
  ended: z.iso.datetime().nullable(),
  baselines: z.record(z.string(), baselineSchema),
  /** Of one that has ended, once all of it was read: from then on the baselines are not needed. */
  report: nightReportSchema.omit({ waiting: true }).nullable(),
});
type Kept = z.infer<typeof keptSchema>;

export interface NightsNeeds {
  readonly log: EventLog;
  readonly store: Pick<Store, 'meta'>;
  readonly commands: Commands;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly audit: Audit;
  now(this: void): Date;
  breathe(this: void): Promise<void>;
}

export interface NightChange {
  readonly night: Night | null;
  readonly by: string;
}

/** The unattended run: when it began, when it ends by itself, and what happened in it. */
export class Nights {
  /** After it is durable. */
  readonly changed = new Emitter<NightChange>();
  readonly #needs: NightsNeeds;
  #kept: Kept | null;
  #book: NightBook | null = null;
  #disarm: (() => void) | null = null;

  constructor(needs: NightsNeeds) {
    this.#needs = needs;
    this.#kept = read(needs.store.meta(KEY), needs.logger);
  }

  /** Takes up the night of the last host; it may be over meanwhile. */
  restore(): void {
    if (this.#kept !== null && this.#kept.report === null) this.#book = this.#bookOf(this.#kept);
    this.look();
  }

  close(): void {
    this.#disarm?.();
    this.#book?.close();
  }

  current(): Night | null {
    return this.#kept?.ended === null ? this.#kept.night : null;
  }

  isNight(): boolean {
    return this.current() !== null;
  }

  start(commandId: CommandId, until: string | undefined, by: string): { night: Night } {
    const { log, now, commands } = this.#needs;
    return commands.once(commandId, (tx) => {
      checkUntil(until, now().getTime());
      const present = this.#kept?.ended === null ? this.#kept : null;
      const kept: Kept =
        present === null
          ? {
              night: { since: now().toISOString(), until: until ?? null, by },
              ended: null,
              baselines: baselinesOf(log.states().values()),
              report: null,
            }
          : { ...present, night: { ...present.night, until: later(present.night.until, until) } };
      this.#keep(tx, kept, { night: kept.night, by });
      return { night: kept.night };
    });
  }

  end(commandId: CommandId, by: string): Record<string, never> {
    return this.#needs.commands.once(commandId, (tx) => {
      if (this.#kept?.ended !== null)
        throw new RpcFailure('refused', 'It is no night: begin one with "porchlight night start".');
      this.#end(tx, this.#kept, this.#needs.now().toISOString(), by);
      return {};
    });
  }

  /** Of the night that is, else of the last one; null when there was none. */
  async report(): Promise<NightReport | null> {
    const kept = this.#kept;
    if (kept === null) return null;
    const { log, now } = this.#needs;
    if (kept.ended === null && now().getTime() >= untilOf(kept)) {
      this.look();
      if (this.#kept !== kept) return await this.report();
    }
    const endMs = kept.ended === null ? now().getTime() : Date.parse(kept.ended);
    const waiting = stillWaiting(log.states().values(), endMs);
    if (kept.report !== null) {
      const sessions = kept.report.sessions.map((each) => ({
        ...each,
        state: log.state(each.sessionId)?.state ?? each.state,
      }));
      return { ...kept.report, sessions, waiting };
    }
    await this.#book?.catchUp(endMs);
    const { since } = kept.night;
    const page = this.#book?.report(endMs) ?? { sessions: [], rules: [], refused: [] };
    return { since, ended: kept.ended, ...page, waiting };
  }

  /** Ends it when its time has come, and reads what has come since. */
  look(): void {
    this.#disarm?.();
    this.#disarm = null;
    const { now, logger } = this.#needs;
    const kept = this.#kept;
    if (kept === null || kept.report !== null) return;
    const untilMs = untilOf(kept);
    if (kept.ended === null && now().getTime() >= untilMs) {
      this.#endBySelf(kept, kept.night.until ?? now().toISOString());
      return;
    }
    this.#read(kept).catch((error: unknown) =>
      logger.error({ err: error }, 'the events of the night could not be read'),
    );
    const inMs = kept.ended === null ? Math.max(1_000, untilMs - now().getTime()) : LOOK_AGAIN_MS;
    this.#disarm = this.#needs.timers.after(Math.min(inMs, LOOK_AGAIN_MS), () => this.look());
  }

  async #read(kept: Kept): Promise<void> {
    const book = this.#book;
    if (book === null) return;
    const endMs = kept.ended === null ? this.#needs.now().getTime() : Date.parse(kept.ended);
    await book.catchUp(endMs);
    // Another night may have begun meanwhile.
    if (kept.ended === null || this.#kept !== kept) return;
    const report = { since: kept.night.since, ended: kept.ended, ...book.report(endMs) };
    this.#needs.log.commit((tx) => {
      const next: Kept = { ...kept, baselines: {}, report };
      tx.putMeta(KEY, JSON.stringify(next));
      tx.afterCommit(() => (this.#kept = next));
    });
  }

  #endBySelf(kept: Kept, at: string): void {
    try {
      this.#needs.log.commit((tx) => this.#end(tx, kept, at, BY_HOST));
    } catch (error) {
      if (!(error instanceof StoreFull)) throw error;
      this.#disarm = this.#needs.timers.after(LOOK_AGAIN_MS, () => this.look());
    }
  }

  #end(tx: LogWriter, kept: Kept, ended: string, by: string): void {
    this.#keep(tx, { ...kept, ended }, { night: null, by });
  }

  #keep(tx: LogWriter, kept: Kept, change: NightChange): void {
    const { audit } = this.#needs;
    const what = { begun: change.night !== null, ...kept.night };
    audit.append(tx, { kind: 'nightChanged', who: audit.who(change.by), what });
    tx.putMeta(KEY, JSON.stringify(kept));
    tx.afterCommit(() => {
      const isAnother = this.#kept?.night.since !== kept.night.since;
      this.#kept = kept;
      if (isAnother) {
        this.#book?.close();
        this.#book = this.#bookOf(kept);
      }
      this.changed.emit(change);
      this.look();
    });
  }

  #bookOf({ night, baselines }: Kept): NightBook {
    const { log, breathe } = this.#needs;
    return new NightBook({ log, breathe, baselines, sinceMs: Date.parse(night.since) });
  }
}

function untilOf({ night }: Kept): number {
  return night.until === null ? Infinity : Date.parse(night.until);
}

function read(text: string | null, logger: Logger): Kept | null {
  if (text === null) return null;
  const parsed = keptSchema.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  logger.warn({ err: parsed.error }, 'what was kept of the night cannot be read; it is forgotten');
  return null;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** null is never. */
function later(a: string | null, b: string | undefined): string | null {
  if (a === null || b === undefined) return null;
  return Date.parse(a) > Date.parse(b) ? a : b;
}

function checkUntil(until: string | undefined, nowMs: number): void {
  if (until === undefined) return;
  const inMs = Date.parse(until) - nowMs;
  if (inMs > 0 && inMs <= MAX_NIGHT_MS) return;
  throw new RpcFailure(
    'refused',
    inMs > 0
      ? `A night ends within ${MAX_NIGHT_MS / 86_400_000} days: ${until} is later.`
      : `${until} is over: name a time to come.`,
  );
}

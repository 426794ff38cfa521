import { z } from 'zod';
import {
  lidReportSchema,
  sleepSchema,
  type LidReport,
  type Sleep,
} from '../../../protocol/power.ts';
import type { SessionId } from '../../../protocol/ids.ts';

const MAX_SLEPT = 100;
/** Those that worked longest. */
const MAX_SESSIONS = 100;

/** Times in ms by a clock that is never set and runs on during sleep. */
const workSchema = z.object({
  title: z.string(),
  /** Of the spans before the last, less what was slept in any of them. */
  doneMs: z.number(),
  span: z.object({ fromMs: z.number(), toMs: z.number().nullable() }),
});
type Work = z.infer<typeof workSchema>;

/** All that is known of one time behind the lid, as the store keeps it. */
export const lidFactsSchema = lidReportSchema
  .pick({ closedAt: true, openedAt: true, wasSafe: true, battery: true, hottest: true })
  .extend({
    closedMs: z.number(),
    openedMs: z.number().nullable(),
    /** When it was kept. */
    keptMs: z.number(),
    sessions: z.record(z.string(), workSchema),
    slept: z.array(sleepSchema),
  });
export type LidFacts = z.infer<typeof lidFactsSchema>;

export interface Moment {
  readonly at: string;
  readonly ms: number;
}

/** What goes on behind one closed lid. Times come from the caller. */
export class LidBook {
  #facts: LidFacts;

  constructor(facts: LidFacts) {
    this.#facts = facts;
  }

  static closed({ at, ms }: Moment, wasSafe: boolean): LidBook {
    return new LidBook({
      closedAt: at,
      openedAt: null,
      ...{ wasSafe, closedMs: ms, openedMs: null, keptMs: ms },
      ...{ battery: null, hottest: null, sessions: {}, slept: [] },
    });
  }

  /** Of an earlier host: what it saw is all that is sure, so what worked then counts so far. */
  static resumed(facts: LidFacts): LidBook {
    const book = new LidBook(facts);
    if (facts.openedAt === null) book.#endAll(facts.keptMs);
    return book;
  }

  get isOpen(): boolean {
    return this.#facts.openedAt !== null;
  }

  get closedMs(): number {
    return this.#facts.closedMs;
  }

  get openedMs(): number | null {
    return this.#facts.openedMs;
  }

  /** To be kept; equal to what was kept last when nothing has happened since and nothing works. */
  facts(nowMs: number): LidFacts {
    const goesOn = Object.values(this.#facts.sessions).some(({ span }) => span.toMs === null);
    if (goesOn) this.#facts = { ...this.#facts, keptMs: nowMs };
    return this.#facts;
  }

  /** Whether the session works from now on. */
  works(id: SessionId, title: string, isWorking: boolean, ms: number): void {
    const { sessions } = this.#facts;
    const work = sessions[id];
    const goesOn = work !== undefined && work.span.toMs === null;
    if (isWorking === goesOn) return;
    if (goesOn) sessions[id] = { ...work, title, span: { ...work.span, toMs: ms } };
    else
      sessions[id] = {
        title,
        doneMs: work === undefined ? 0 : doneMs(work, ms),
        span: { fromMs: ms, toMs: null },
      };
  }

  battery(percent: number): void {
    const from = this.#facts.battery?.from ?? percent;
    this.#facts = { ...this.#facts, battery: { from, to: percent } };
  }

  heat(celsius: number, at: string): void {
    const { hottest } = this.#facts;
    if (hottest === null || celsius > hottest.celsius)
      this.#facts = { ...this.#facts, hottest: { celsius, at } };
  }

  /** May be told after the lid was opened: that is what wakes most machines. */
  slept(sleep: Sleep, fromMs: number, toMs: number): void {
    const { sessions, slept, closedMs, openedMs } = this.#facts;
    if (toMs <= closedMs || fromMs >= (openedMs ?? Infinity)) return;
    for (const [id, work] of Object.entries(sessions)) {
      const { span } = work;
      const overlapMs = Math.min(span.toMs ?? toMs, toMs) - Math.max(span.fromMs, fromMs);
      if (overlapMs > 0) sessions[id] = { ...work, doneMs: work.doneMs - overlapMs };
    }
    this.#facts = { ...this.#facts, slept: [...slept, sleep].slice(-MAX_SLEPT) };
  }

  open({ at, ms }: Moment): void {
    this.#endAll(ms);
    this.#facts = { ...this.#facts, openedAt: at, openedMs: ms };
  }

  /** It was opened for less than a moment. */
  closeAgain(): void {
    this.#facts = { ...this.#facts, openedAt: null, openedMs: null };
  }

  report(nowMs: number): LidReport {
    const { closedAt, openedAt, wasSafe, battery, hottest, slept } = this.#facts;
    const sessions = Object.entries(this.#facts.sessions)
      .map(([id, work]) => ({
        // Only ever put there by `works`, or parsed when it was read.
        sessionId: id as SessionId,
        title: work.title,
        workedMs: Math.max(0, Math.round(doneMs(work, nowMs))),
      }))
      .filter(({ workedMs }) => workedMs > 0)
      .toSorted((a, b) => b.workedMs - a.workedMs)
      .slice(0, MAX_SESSIONS);
    return { closedAt, openedAt, wasSafe, sessions, battery, hottest, slept };
  }

  #endAll(ms: number): void {
    const { sessions } = this.#facts;
    for (const [id, work] of Object.entries(sessions))
      if (work.span.toMs === null)
        sessions[id] = { ...work, span: { ...work.span, toMs: Math.max(ms, work.span.fromMs) } };
  }
}

function doneMs({ doneMs: before, span }: Work, nowMs: number): number {
  return before + Math.max(0, (span.toMs ?? nowMs) - span.fromMs);
}

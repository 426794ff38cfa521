import type { Logger } from '../../../base/log.ts';
import type { Timers } from '../../../connection/timers.ts';
import type { LidReport, PowerState, Sleep } from '../../../protocol/power.ts';
import type { SessionState } from '../../../protocol/session/state.ts';
import type { EventLog } from '../../event-log/event-log.ts';
import type { Store } from '../../event-log/store.ts';
import { LidBook, lidFactsSchema, type LidFacts, type Moment } from './lid-book.ts';

const KEY = 'lidReport';
/** A lid that moves back within this has bounced. */
const BOUNCE_MS = 2_000;
/** A sleep that the lid's opening ended is told a moment later. */
const LATE_MS = 10_000;
/** What a host that is killed behind the lid does not know of it, at most. */
const KEEP_EVERY_MS = 60_000;

type Seen = Pick<PowerState, 'lidClosed' | 'battery' | 'heat' | 'safeToCloseLid'>;

export interface LidReportsNeeds {
  readonly log: Pick<EventLog, 'commit' | 'states' | 'changed'>;
  readonly store: Pick<Store, 'meta'>;
  /** `steadyMs`: never set, and runs on during sleep. */
  readonly clock: { now(): Date; steadyMs(): number };
  readonly timers: Timers;
  readonly logger: Logger;
  tell(report: LidReport): void;
}

/** Notes what goes on behind the closed lid: told when it closes and when it opens, kept until the next. */
export class LidReports {
  readonly #needs: LidReportsNeeds;
  /** Of the lid that is closed, else of the last time. */
  #book: LidBook | null;
  /** Before the lid that is closed now: it may have bounced. */
  #before: LidBook | null = null;
  #isClosed: boolean | null = null;
  /** As the person saw it last while the lid was open. */
  #wasSafe = false;
  #kept = '';
  #cancelKeep: () => void = () => {};
  readonly #unfollow: () => void;

  constructor(needs: LidReportsNeeds) {
    this.#needs = needs;
    const facts = read(needs.store.meta(KEY), needs.logger);
    this.#book = facts === null ? null : LidBook.resumed(facts);
    this.#unfollow = needs.log.changed.on(({ state }) => this.#note(state));
  }

  close(): void {
    this.#unfollow();
    this.#cancelKeep();
    if (this.#book?.isOpen === false) this.#keep();
  }

  current(): LidReport | null {
    return this.#book?.report(this.#needs.clock.steadyMs()) ?? null;
  }

  /** Each change of what is known of the machine. */
  observe(state: Seen): void {
    const { lidClosed } = state;
    const was = this.#isClosed;
    if (lidClosed !== null) this.#isClosed = lidClosed;
    if (lidClosed === true && was !== true) this.#onClosed(was === false);
    if (lidClosed === false && was !== false) this.#onOpened(was === true);
    // The light may go out because of what closing it brings: that is not what the person saw.
    if (lidClosed !== true) this.#wasSafe = state.safeToCloseLid;
    const book = this.#book;
    if (book === null || book.isOpen) return;
    if (state.battery !== null) book.battery(state.battery.percent);
    const celsius = state.heat?.celsius ?? null;
    if (celsius !== null) book.heat(celsius, this.#moment().at);
  }

  /** The machine slept for so long until now. */
  slept(sleep: Sleep, forMs: number): void {
    const book = this.#book;
    const { ms } = this.#moment();
    if (book === null || (book.openedMs !== null && ms - book.openedMs > LATE_MS)) return;
    book.slept(sleep, ms - forMs, ms);
    this.#keep();
    if (book.isOpen) this.#tell(book);
  }

  /** `isSeen`: it was open before, and did not close while nobody looked. */
  #onClosed(isSeen: boolean): void {
    const book = this.#book;
    const moment = this.#moment();
    const openedMs = book?.openedMs ?? null;
    // It was closed when this host's predecessor went, and still is.
    const goesOn = book !== null && !book.isOpen;
    if (isSeen && openedMs !== null && moment.ms - openedMs < BOUNCE_MS) book?.closeAgain();
    else if (!goesOn) {
      this.#before = book;
      this.#book = LidBook.closed(moment, this.#wasSafe);
    }
    for (const state of this.#needs.log.states().values()) this.#note(state);
    this.#keep();
    this.#keepAgain();
    // When it closed is not known where nobody saw it: a host that starts behind the lid alarms nobody.
    if (isSeen && this.#book !== null) this.#tell(this.#book);
  }

  #onOpened(isSeen: boolean): void {
    const book = this.#book;
    this.#cancelKeep();
    if (book === null || book.isOpen) return;
    const moment = this.#moment();
    const hasBounced = isSeen && moment.ms - book.closedMs < BOUNCE_MS;
    book.open(moment);
    if (hasBounced && this.#before !== null) this.#book = this.#before;
    this.#before = null;
    this.#keep();
    this.#tell(this.#book ?? book);
  }

  #note({ id, title, state }: SessionState): void {
    if (this.#book?.isOpen !== false || this.#isClosed === null) return;
    this.#book.works(id, title, state === 'working', this.#moment().ms);
  }

  #keepAgain(): void {
    this.#cancelKeep();
    this.#cancelKeep = this.#needs.timers.after(KEEP_EVERY_MS, () => {
      this.#keep();
      this.#keepAgain();
    });
  }

  #keep(): void {
    const { log, logger } = this.#needs;
    const text = JSON.stringify(this.#book?.facts(this.#moment().ms));
    if (text === this.#kept) return;
    try {
      log.commit((tx) => tx.putMeta(KEY, text));
      this.#kept = text;
    } catch (error) {
      logger.warn({ err: error }, 'what goes on behind the lid could not be kept');
    }
  }

  #tell(book: LidBook): void {
    this.#needs.tell(book.report(this.#moment().ms));
  }

  #moment(): Moment {
    const { clock } = this.#needs;
    return { at: clock.now().toISOString(), ms: clock.steadyMs() };
  }
}

function read(text: string | null, logger: Logger): LidFacts | null {
  if (text === null) return null;
  try {
    return lidFactsSchema.parse(JSON.parse(text));
  } catch (error) {
    logger.warn({ err: error }, 'what was kept of the lid cannot be read; it is forgotten');
    return null;
  }
}

import { Emitter } from '../../../base/emitter.ts';
import type { Logger } from '../../../base/log.ts';
import type { Timers } from '../../../connection/timers.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import type { NotificationParams } from '../../../protocol/methods.ts';
import type { Sleep } from '../../../protocol/power.ts';
import type { EventBody } from '../../../protocol/session/events.ts';
import type { SessionState } from '../../../protocol/session/state.ts';
import { BY_HOST } from '../../../protocol/session/reduce.ts';
import { isWorthALook, sleptIn, type Gap } from '../../clock/wake-watch.ts';
import type { EventLog } from '../../event-log/event-log.ts';
import type { Store } from '../../event-log/store.ts';
import { outcomeOf, readSleepRecord, SLEEP_KEY, type SleepRecord } from './sleep-record.ts';

/** Together well below the 5 s that the system waits, logind's default. */
const TELL_LIMIT_MS = 1_000;
const RELAY_LIMIT_MS = 1_000;
const LOOK_MS = 10;
/** Awake for so long after it was to sleep: it was called off, or nobody told of the wake. */
const CALLED_OFF_MS = 20_000;

/** As the clocks can tell it. */
const SLEPT_MS = 1_000;

const CALLED_OFF = 'The machine stayed awake: its sleep was called off.';
const STARTED_AGAIN = 'It was off since then: the machine was started again.';

export interface MachineSleepNeeds {
  readonly log: Pick<EventLog, 'commit' | 'states'>;
  readonly store: Pick<Store, 'meta'>;
  /** `sleptMs`: since the machine started; null where no clock tells it. */
  readonly machine: { uptimeMs(): number; sleptMs(): number | null };
  readonly clock: { now(): Date };
  /** What is between its last look and now, told once. */
  readonly watch: { take(): Gap };
  /** What is known when it falls asleep is noted by `take`. */
  readonly grounds: { take(): void; why(): string };
  readonly surfaces: {
    tell<N extends 'host.sleeping' | 'host.woke'>(name: N, params: NotificationParams<N>): void;
    /** Not yet taken by all of them together. */
    unsentBytes(): number;
  };
  readonly relays: {
    /** Says that the host sleeps, and leaves once that has arrived, or after `limitMs`. */
    sleep(since: string, limitMs: number): Promise<void>;
    wake(): void;
  };
  /** Everything else that is looked at anew. */
  lookAnew(gap: Gap): Promise<void>;
  readonly timers: Timers;
  readonly logger: Logger;
}

/** A sleep that is over. */
export interface Slept {
  readonly sleep: Sleep;
  readonly forMs: number;
}

interface Going {
  readonly record: SleepRecord;
  readonly told: Promise<void>;
}

/**
 * The machine falls asleep and wakes: who is told, and what is looked at anew. The same word may come
 * twice and from several sides (holder, tray app, clocks), and does nothing the second time.
 */
export class MachineSleep {
  readonly slept = new Emitter<Slept>();
  readonly #needs: MachineSleepNeeds;
  /** From the word that it sleeps until it is known to be awake. */
  #going: Going | null = null;
  #cancelPatience: () => void = () => {};

  constructor(needs: MachineSleepNeeds) {
    this.#needs = needs;
  }

  /** Ends what an earlier host announced and did not live to end. Before agents are taken up. */
  restore(): void {
    const { store, logger, machine, clock } = this.#needs;
    const record = readSleepRecord(store.meta(SLEEP_KEY), logger);
    if (record === null) return;
    const now = clock.now();
    const outcome = outcomeOf(record, {
      uptimeMs: machine.uptimeMs(),
      sleptMs: machine.sleptMs(),
      wallMs: now.getTime(),
    });
    const why = outcome === 'startedAgain' ? `${record.why} ${STARTED_AGAIN}` : record.why;
    this.#end(record, why, outcome === 'awake');
  }

  /** The system says that it is about to sleep. Resolves once all who can be told were, within 3 s. */
  async fallAsleep(): Promise<void> {
    if (this.#going === null) {
      // A sleep before this one that nobody told of.
      this.seen(this.#needs.watch.take());
      const record = this.#announce();
      this.#going = { record, told: this.#tell(record) };
      this.#cancelPatience = this.#needs.timers.after(CALLED_OFF_MS, () => this.#giveUp());
    }
    await this.#going.told;
  }

  /** The system says that it is back, or that it does not sleep after all. */
  woke(): void {
    const gap = this.#needs.watch.take();
    if (this.#going === null) this.seen(gap);
    else this.#wake(this.#going.record, gap, true);
  }

  /** The clocks say what was since they were looked at last. */
  seen(gap: Gap): void {
    if (!isWorthALook(gap)) return;
    const hasSlept = sleptIn(gap) > 0;
    if (this.#going !== null && hasSlept) return this.#wake(this.#going.record, gap, true);
    if (hasSlept) this.#wakeUnannounced(sleptIn(gap));
    this.#lookAnew(gap);
  }

  close(): void {
    this.#cancelPatience();
  }

  #announce(): SleepRecord {
    const { log, clock, machine, grounds } = this.#needs;
    grounds.take();
    const record: SleepRecord = {
      from: clock.now().toISOString(),
      why: grounds.why(),
      sessions: this.#openSessions(),
      uptimeMs: machine.uptimeMs(),
      sleptMs: machine.sleptMs(),
    };
    this.#write('that the machine sleeps', () =>
      log.commit((tx) => {
        for (const id of record.sessions)
          tx.append(id, { type: 'machine.sleeping', why: record.why });
        tx.putMeta(SLEEP_KEY, JSON.stringify(record));
      }),
    );
    return record;
  }

  /** Never throws: a machine goes to sleep whether or not all were told. */
  async #tell(record: SleepRecord): Promise<void> {
    const { surfaces, relays, logger } = this.#needs;
    const { from, why } = record;
    logger.info({ from, why, sessions: record.sessions.length }, 'the machine is about to sleep');
    try {
      surfaces.tell('host.sleeping', { at: from, why });
      await this.#untilSent();
      // It may be called off at any moment.
      if (this.#going?.record === record) await relays.sleep(from, RELAY_LIMIT_MS);
    } catch (error) {
      logger.error({ err: error }, 'not all could be told that the machine sleeps');
    }
  }

  async #untilSent(): Promise<void> {
    const { surfaces, timers } = this.#needs;
    for (let waitedMs = 0; waitedMs < TELL_LIMIT_MS; waitedMs += LOOK_MS) {
      await new Promise<void>((resolve) => void timers.after(LOOK_MS, resolve));
      if (surfaces.unsentBytes() === 0) return;
    }
  }

  #giveUp(): void {
    if (this.#going !== null) this.#wake(this.#going.record, this.#needs.watch.take(), false);
  }

  /** `isTold`: somebody says that it slept, which holds where no clock knows better. */
  #wake(record: SleepRecord, gap: Gap, isTold: boolean): void {
    this.#going = null;
    this.#cancelPatience();
    const { machine, relays, grounds } = this.#needs;
    relays.wake();
    const slept = machine.sleptMs();
    const hasSlept =
      slept === null || record.sleptMs === null
        ? isTold || sleptIn(gap) > 0
        : slept - record.sleptMs >= SLEPT_MS;
    this.#end(record, grounds.why(), !hasSlept);
    this.#lookAnew(gap);
  }

  #wakeUnannounced(forMs: number): void {
    const { clock, grounds, machine } = this.#needs;
    grounds.take();
    const from = new Date(clock.now().getTime() - forMs).toISOString();
    const uptimeMs = machine.uptimeMs() - forMs;
    const record = { from, why: '', sessions: [], uptimeMs, sleptMs: null };
    this.#end(record, grounds.why(), false);
  }

  #end({ from, sessions, uptimeMs }: SleepRecord, why: string, isCalledOff: boolean): void {
    const { log, clock, surfaces, machine, logger } = this.#needs;
    const to = clock.now().toISOString();
    const told = new Set(sessions.filter((id) => log.states().has(id)));
    const body: EventBody = isCalledOff
      ? { type: 'notice', level: 'info', text: CALLED_OFF, by: BY_HOST }
      : { type: 'machine.woke', sleptFrom: from, why };
    const ids = isCalledOff ? told : new Set([...told, ...this.#openSessions()]);
    this.#write('that the machine is awake', () =>
      log.commit((tx) => {
        for (const id of ids) tx.append(id, body);
        tx.putMeta(SLEEP_KEY, '');
      }),
    );
    logger.info({ from, to, why, isCalledOff }, 'the machine is awake');
    surfaces.tell('host.woke', { from, to, why: isCalledOff ? CALLED_OFF : why });
    if (isCalledOff) return;
    const passedMs = machine.uptimeMs() - uptimeMs;
    // A machine that was started again counts from then.
    const forMs = passedMs > 0 ? passedMs : Math.max(0, Date.parse(to) - Date.parse(from));
    this.slept.emit({ sleep: { from, to, why }, forMs });
  }

  #openSessions(): SessionId[] {
    return [...this.#needs.log.states().values()].filter(isOpen).map(({ id }) => id);
  }

  /** A full disk keeps no machine awake, and nobody from being told. */
  #write(what: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#needs.logger.error({ err: error }, `${what} could not be written down`);
    }
  }

  #lookAnew(gap: Gap): void {
    const { lookAnew, logger } = this.#needs;
    lookAnew(gap).catch((error: unknown) => logger.error({ err: error }, 'looking anew failed'));
  }
}

/** In a turn that works, or that waits for a person. */
function isOpen({ state }: SessionState): boolean {
  return state === 'working' || state === 'waiting';
}

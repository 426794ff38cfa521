import type { Socket } from 'node:net';
import type { Logger } from '../base/log.ts';
import type { Timers } from '../connection/timers.ts';
import {
  HOLDER_LEASE_MS,
  HOLDER_PROTOCOL,
  type HolderAnswer,
  type HolderEffects,
  type HolderRequest,
  type HolderSensors,
  type HolderWant,
} from '../protocol/holder.ts';
import type { Journal } from './journal.ts';
import { Holding } from './holding.ts';
import { HostConnection, Refused } from './host-connection.ts';
import { Lease } from './lease.ts';
import { Leftovers } from './leftovers.ts';
import { limited } from './limited.ts';
import type { Platform } from './platform.ts';
import { Problems } from './problems.ts';
import { Readings } from './readings.ts';
import type { SettingClaims } from './setting-claims.ts';
import { SleepDelay } from './sleep-delay.ts';

const HELLO_LIMIT_MS = 5_000;
/** The first look at the system may take long; the host is told of it later. */
const FIRST_LOOK_LIMIT_MS = 50;
/** A host gives up after 10 s; what is done later is told as a notice. */
const ANSWER_LIMIT_MS = 9_000;
/** A person has to read what the system asks, and to find a password. */
const SET_UP_LIMIT_MS = 5 * 60_000;
const LOOK_EVERY_MS = 60_000;
const SLEPT_WHEN_LATE_MS = 10_000;
/** Long enough for a tool that hangs once; the watchdog goes on. */
const END_LIMIT_MS = 15_000;
const END_LOOK_MS = 100;

export interface HolderDeps {
  readonly version: string;
  readonly platform: Platform;
  readonly journal: Journal;
  readonly claims: SettingClaims;
  readonly watchdog: { ensure(): Promise<void>; end(undone: boolean): void };
  readonly timers: Timers;
  /** The clock that people set. */
  readonly wallMs: () => number;
  readonly random: () => number;
  readonly log: Logger;
  /** Nobody finds this holder any more. */
  readonly closeDoor: () => void;
  /** Called once, when there is nothing left to do. */
  readonly exit: () => void;
}

/** Holds the machine awake for one home, as long as a host says so. */
export class Holder {
  readonly #deps: HolderDeps;
  readonly #holding: Holding;
  readonly #readings: Readings;
  readonly #leftovers: Leftovers;
  readonly #delay: SleepDelay;
  readonly #lease: Lease;
  readonly #problems: Problems;
  #host: HostConnection | null = null;
  #want: HolderWant = { idle: false, lid: false, why: '' };
  #firstLook: Promise<void> = Promise.resolve();
  #isLidClosed = false;
  #hasSlept = false;
  #isSettingUp = false;
  #ending: Promise<void> | null = null;
  #unwatch: () => void = () => {};
  #stopLooking: (() => void) | null = null;

  constructor(deps: HolderDeps) {
    this.#deps = deps;
    const { platform, timers, random, log, claims, journal, watchdog } = deps;
    this.#problems = new Problems(log);
    const problem = (message: string): void => this.#problems.tell(message);
    this.#lease = new Lease(timers, HOLDER_LEASE_MS, () => this.#onLeaseOver());
    this.#holding = new Holding({
      platform,
      claims,
      timers,
      random,
      log,
      problem,
      watched: async () => await watchdog.ensure(),
      onChanged: () => void this.#readings.look(),
    });
    this.#readings = new Readings({
      platform,
      timers,
      failureOf: (purpose) => this.#holding.failureOf(purpose),
      onEffects: (effects) => this.#host?.tell({ tell: 'effects', effects }),
      onSensors: (sensors) => this.#onSensors(sensors),
    });
    this.#leftovers = new Leftovers({
      journal,
      claims,
      platform,
      timers,
      random,
      log,
      problem,
      onRestored: () => this.#sleepIfNotHeld(),
    });
    this.#delay = new SleepDelay({ lock: platform.delay, timers, random, log });
  }

  /** Begins to look and to count the lease; hosts come with {@link accept}. */
  start(): void {
    const { log } = this.#deps;
    this.#lease.renew();
    this.#firstLook = this.#readings.look();
    this.#watch();
    this.#leftovers.start();
    log.info({ pid: process.pid, version: this.#deps.version }, 'holder started');
  }

  accept(socket: Socket): void {
    const { log, timers } = this.#deps;
    const stop = timers.after(HELLO_LIMIT_MS, () => connection.close());
    const connection: HostConnection = new HostConnection(socket, {
      log,
      events: {
        request: async (request) => {
          if (request.do === 'hello') stop();
          return await this.#request(connection, request);
        },
        closed: () => {
          stop();
          if (this.#host !== connection) return;
          log.info({}, 'host disconnected');
          this.#use(null);
        },
      },
    });
  }

  /** Undoes everything, and exits. What cannot be undone now is left to the watchdog. */
  async end(reason: string): Promise<void> {
    await this.#undo(reason);
    this.#deps.exit();
  }

  async #undo(reason: string): Promise<void> {
    this.#ending ??= this.#undoAll(reason);
    await this.#ending;
  }

  async #undoAll(reason: string): Promise<void> {
    const { timers, log, watchdog, closeDoor } = this.#deps;
    log.info({ reason }, 'holder stops');
    closeDoor();
    this.#lease.stop();
    this.#stopLooking?.();
    this.#want = { idle: false, lid: false, why: '' };
    this.#holding.apply(null);
    const untilMs = timers.nowMs() + END_LIMIT_MS;
    await this.#within(
      END_LIMIT_MS,
      Promise.all([this.#holding.released(), this.#leftovers.end(), this.#delay.end()]),
    );
    // What failed is tried again for a while.
    while (!this.#holding.isFree && timers.nowMs() < untilMs)
      await new Promise<void>((resolve) => void timers.after(END_LOOK_MS, resolve));
    this.#holding.stop();
    this.#unwatch();
    watchdog.end(this.#holding.isFree);
    log.info({ undone: this.#holding.isFree }, 'holder stopped');
  }

  async #request(from: HostConnection, request: HolderRequest): Promise<HolderAnswer> {
    if (this.#ending !== null && request.do !== 'stop')
      throw new Refused('stopping', 'This holder is stopping: start another');
    if (request.do === 'hello') return await this.#hello(from, request);
    if (from !== this.#host) throw new Refused('helloFirst', 'Say hello first');
    switch (request.do) {
      case 'want':
        return await this.#onWant(request);
      case 'look':
        this.#holding.look(false);
        this.#holding.retry();
        await this.#within(ANSWER_LIMIT_MS, this.#lookWhenSettled());
        return { do: 'look', ...this.#reading() };
      case 'readyToSleep':
        this.#delay.ready();
        return { do: 'readyToSleep' };
      case 'sleepNow':
        await limited(this.#deps.timers, this.#deps.platform.sleepNow(), 'Going to sleep');
        return { do: 'sleepNow' };
      case 'setUp':
        return await this.#setUp(request.undo);
      case 'stop':
        await this.#undo('asked to');
        // The answer goes out first.
        setImmediate(() => from.end(this.#deps.exit));
        return { do: 'stop' };
    }
  }

  async #hello(
    from: HostConnection,
    { protocol, hostPid, hostVersion }: Extract<HolderRequest, { do: 'hello' }>,
  ): Promise<HolderAnswer> {
    if (protocol !== HOLDER_PROTOCOL)
      throw new Refused(
        'wrongProtocol',
        `This holder speaks protocol ${HOLDER_PROTOCOL}, the host ${protocol}: run "porchlight host restart"`,
      );
    const before = this.#host;
    this.#use(from);
    if (before !== from) before?.close();
    this.#lease.renew();
    this.#deps.log.info({ hostPid, hostVersion }, 'host connected');
    await this.#within(FIRST_LOOK_LIMIT_MS, this.#firstLook);
    return {
      do: 'hello',
      protocol: HOLDER_PROTOCOL,
      pid: process.pid,
      version: this.#deps.version,
      ...this.#reading(),
    };
  }

  async #onWant({ idle, lid, why }: HolderWant): Promise<HolderAnswer> {
    this.#lease.renew();
    const isSame = this.#want.idle === idle && this.#want.lid === lid;
    this.#want = { idle, lid, why };
    this.#holding.apply(this.#want);
    this.#lookAgainLater();
    const settled = this.#holding.settled();
    void settled.then(() => this.#leftovers.wantApplied());
    if (!isSame) await this.#within(ANSWER_LIMIT_MS, this.#lookWhenSettled());
    return { do: 'want', ...this.#reading() };
  }

  async #setUp(undo: boolean): Promise<HolderAnswer> {
    const { platform, timers } = this.#deps;
    if (this.#isSettingUp)
      throw new Refused(
        'refused',
        'It is being set up already: look for the question on the screen',
      );
    this.#isSettingUp = true;
    try {
      if (undo && !(await this.#holding.pauseSettings()))
        throw new Refused(
          'refused',
          `A setting could not be set back, for which this is needed: ${this.#holding.failureOf('lid')?.message ?? 'try again'}`,
        );
      const message = await limited(timers, platform.setUp(undo), 'The set-up', {
        limitMs: SET_UP_LIMIT_MS,
      });
      this.#holding.resumeSettings();
      this.#holding.retry();
      await this.#within(ANSWER_LIMIT_MS, this.#lookWhenSettled());
      return { do: 'setUp', message, effects: this.#readings.effects };
    } finally {
      this.#holding.resumeSettings();
      this.#isSettingUp = false;
    }
  }

  async #lookWhenSettled(): Promise<void> {
    await this.#holding.settled();
    await this.#readings.look();
  }

  #reading(): { effects: HolderEffects; sensors: HolderSensors } {
    return { effects: this.#readings.effects, sensors: this.#readings.sensors };
  }

  #use(host: HostConnection | null): void {
    this.#host = host;
    this.#delay.hostThere(host !== null);
    this.#problems.to(host === null ? null : (notice) => host.tell(notice));
  }

  #lookAgainLater(): void {
    const { timers, wallMs } = this.#deps;
    if (!this.#holding.wantsAnything) {
      this.#stopLooking?.();
      this.#stopLooking = null;
    }
    // A renewal every 15 s must not put it off.
    if (this.#stopLooking !== null || !this.#holding.wantsAnything) return;
    const dueAtMs = timers.nowMs() + LOOK_EVERY_MS;
    const dueAtWallMs = wallMs() + LOOK_EVERY_MS;
    this.#stopLooking = timers.after(LOOK_EVERY_MS, () => {
      this.#stopLooking = null;
      // Nobody may have said that the machine slept; only some clocks go on meanwhile.
      const lateMs = Math.max(timers.nowMs() - dueAtMs, wallMs() - dueAtWallMs);
      if (lateMs > SLEPT_WHEN_LATE_MS) this.#hasSlept = true;
      this.#look();
      this.#lookAgainLater();
    });
  }

  #watch(): void {
    const { platform, log } = this.#deps;
    try {
      this.#unwatch = platform.watch({
        sensors: (sensors) => this.#readings.sensed(sensors),
        changed: () => {
          this.#holding.look(false);
          void this.#readings.look();
        },
        sleeping: () => this.#onSleeping(),
        woke: () => this.#onWoke(),
      });
    } catch (error) {
      log.error({ err: String(error) }, 'the system tells nothing by itself: it is asked instead');
    }
  }

  #onLeaseOver(): void {
    // A host that is there and wants nothing has nothing to renew: it is told of sleep and sensors.
    const isIdle = !this.#holding.wantsAnything && this.#holding.isFree;
    if (this.#host !== null && isIdle) this.#lease.renew();
    else void this.end('no host renews it');
  }

  #look(): void {
    this.#holding.look(this.#hasSlept);
    this.#hasSlept = false;
    void this.#lookWhenSettled();
  }

  #onSensors(sensors: HolderSensors): void {
    const { platform, timers, log } = this.#deps;
    this.#host?.tell({ tell: 'sensors', sensors });
    const isClosing = sensors.lidClosed === true && !this.#isLidClosed;
    this.#isLidClosed = sensors.lidClosed === true;
    if (!isClosing || !this.#holding.wantsLid) return;
    limited(timers, platform.displayOff(), 'Turning the display off').catch((error: unknown) =>
      log.warn({ err: String(error) }, 'the display may be lit behind the closed lid'),
    );
  }

  #onSleeping(): void {
    this.#hasSlept = true;
    if (this.#host === null) return this.#delay.ready();
    this.#delay.sleeping();
    this.#host.tell({ tell: 'sleeping' });
  }

  #onWoke(): void {
    this.#hasSlept = true;
    this.#lease.woke();
    this.#delay.woke();
    this.#host?.tell({ tell: 'woke' });
    this.#holding.retry();
    this.#look();
  }

  #sleepIfNotHeld(): void {
    if (this.#holding.wantsLid) return;
    const { platform, timers, log } = this.#deps;
    limited(timers, platform.sleepIfLidClosed(), 'Sleeping behind the closed lid').catch(
      (error: unknown) =>
        log.warn({ err: String(error) }, 'the machine may stay awake behind its closed lid'),
    );
  }

  /** Waits, but not longer. */
  async #within(limitMs: number, done: Promise<unknown>): Promise<void> {
    let stop = (): void => {};
    const limit = new Promise<void>((resolve) => {
      stop = this.#deps.timers.after(limitMs, resolve);
    });
    await Promise.race([done, limit]);
    stop();
  }
}

import { withDeadline } from '../../base/deadline.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import {
  HOLDER_LEASE_MS,
  HOLDER_RENEW_MS,
  type HolderEffects,
  type HolderNotice,
  type HolderSensors,
  type HolderWant,
} from '../../protocol/holder.ts';
import type { HolderPort, HolderReading } from './holder-port.ts';

/** The next queued prompt follows at once: what is held is not let go in between. */
export const LINGER_MS = 1_000;
/** Without work and without an agent, the holder is let go. */
export const LET_GO_MS = 10 * 60_000;
/** What was read so lately is not asked for again. */
const FRESH_MS = 5_000;
const NOTHING: HolderWant = { idle: false, lid: false, why: '' };

export interface GripNeeds {
  readonly holder: HolderPort;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Logger;
  steadyMs(): number;
  sensors(sensors: HolderSensors): void;
  /** {@link Grip.read} or {@link Grip.problem} changed. */
  changed(): void;
}

export interface ReadBack {
  readonly atMs: number;
  readonly effects: HolderEffects;
}

/** Keeps the holder told of what is wanted: renewed, told again to one that was started anew. */
export class Grip {
  readonly #needs: GripNeeds;
  readonly #undo: (() => void)[];
  #isUp = false;
  #isNeeded = false;
  #isStarted = false;
  /** What was asked for last; the linger may keep more. */
  #asked = NOTHING;
  #desired = NOTHING;
  /** What the holder that is there was told; null: nothing yet. */
  #said: HolderWant | null = null;
  #read: ReadBack | null = null;
  /** Counts what was wanted. */
  #version = 0;
  /** The present want was answered: it was done, and read back. */
  #isDone = false;
  #saying: Promise<void> = Promise.resolve();
  #linger: (() => void) | null = null;
  #renew: (() => void) | null = null;
  #letGo: (() => void) | null = null;

  constructor(needs: GripNeeds) {
    this.#needs = needs;
    this.#undo = [
      needs.holder.reached.on((reading) => this.#onReached(reading)),
      needs.holder.notices.on((notice) => this.#onNotice(notice)),
    ];
  }

  /** What the system says, after the holder was told the present want; null: nothing yet. */
  get read(): ReadBack | null {
    return this.#read;
  }

  /** Why nothing can be held; null: it can, or is about to be known. */
  get problem(): string | null {
    return this.#isUp ? null : this.#needs.holder.problem;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /**
   * Wants this from now on. Less than before only after a moment, unless `atOnce`. `isNeeded`: the
   * holder is kept ready although nothing is wanted.
   */
  hold(want: HolderWant, { atOnce, isNeeded }: { atOnce: boolean; isNeeded: boolean }): void {
    this.#asked = want;
    this.#isNeeded = isNeeded;
    const isLess = (this.#desired.idle && !want.idle) || (this.#desired.lid && !want.lid);
    if (isLess && !atOnce) {
      this.#linger ??= this.#needs.timers.after(LINGER_MS, () => {
        this.#linger = null;
        this.#desired = this.#asked;
        this.#sync();
        this.#needs.changed();
      });
    } else {
      this.#linger?.();
      this.#linger = null;
      this.#desired = want;
    }
    this.#sync();
  }

  /** Asks the system, unless it has just said. Never throws. */
  async refresh(limitMs: number): Promise<void> {
    const isAsked = this.#desired.idle && this.#isUp;
    const agoMs = this.#needs.steadyMs() - (this.#read?.atMs ?? -Infinity);
    if (isAsked && agoMs < FRESH_MS) return;
    await this.#tried(withDeadline(this.#look(), limitMs, 'Asking the system what holds it awake'));
  }

  /** Nothing that was read before counts. Never throws. */
  async lookAnew(limitMs: number): Promise<void> {
    this.#read = null;
    this.#isDone = false;
    this.#needs.changed();
    if (!this.#isUp) return;
    if (this.#desired.idle) this.#say();
    await this.#tried(withDeadline(this.#look(), limitMs, 'Looking anew what holds it awake'));
  }

  /** What the sensors say now; asks nobody to start. */
  peek(): void {
    if (this.#isUp) void this.#tried(this.#look());
  }

  close(): void {
    for (const undo of this.#undo) undo();
    for (const cancel of [this.#linger, this.#renew, this.#letGo]) cancel?.();
  }

  #sync(): void {
    const { holder, timers } = this.#needs;
    const isNeeded = this.#desired.idle || this.#isNeeded;
    if (!this.#isUp) {
      if (isNeeded) holder.start();
      else if (this.#isStarted) void this.#tried(holder.stop());
      this.#isStarted = isNeeded;
      return;
    }
    const isSaid = this.#said?.idle === this.#desired.idle && this.#said.lid === this.#desired.lid;
    if (!isSaid) this.#say();
    if (isNeeded) {
      this.#letGo?.();
      this.#letGo = null;
    } else
      this.#letGo ??= timers.after(LET_GO_MS, () => {
        this.#letGo = null;
        void this.#tried(holder.stop());
      });
  }

  #say(): void {
    const { holder, timers } = this.#needs;
    const { idle, lid } = this.#desired;
    const isNew = this.#said?.idle !== idle || this.#said.lid !== lid;
    if (isNew) this.#begin();
    this.#said = this.#desired;
    this.#renew?.();
    // One that is kept ready goes by its lease too; that nothing is wanted need not be said as often.
    const renewMs = idle ? HOLDER_RENEW_MS : HOLDER_LEASE_MS / 2;
    this.#renew = timers.after(renewMs, () => this.#renewed());
    const version = this.#version;
    const saying = holder.want(this.#desired).then((reading) => {
      // A renewal is answered at once, with what was read within the last minute.
      this.#onReading(reading, version, isNew || this.#isDone);
    });
    if (isNew) this.#saying = saying;
    void this.#tried(saying);
  }

  /** Answered once all that was told is done, and read back. */
  async #look(): Promise<void> {
    const version = this.#version;
    const isTold = this.#said !== null;
    this.#onReading(await this.#needs.holder.look(), version, isTold);
    // One that was started for this is told what is wanted first.
    if (!isTold) await this.#saying;
  }

  #renewed(): void {
    // With the reason in its newest words.
    this.#desired = { ...this.#desired, why: this.#asked.why || this.#desired.why };
    this.#say();
    if (!this.#isDone) void this.#tried(this.#look());
    this.#needs.changed();
  }

  /** Another want: what was read before is about another one. */
  #begin(): void {
    this.#version += 1;
    this.#isDone = false;
    this.#read = null;
  }

  #onReading({ effects, sensors }: HolderReading, version: number, isReadBack: boolean): void {
    if (isReadBack && version === this.#version) {
      this.#isDone = true;
      this.#read = { atMs: this.#needs.steadyMs(), effects };
    }
    this.#needs.sensors(sensors);
    this.#needs.changed();
  }

  #onReached(reading: HolderReading | null): void {
    this.#isUp = reading !== null;
    this.#said = null;
    this.#begin();
    this.#renew?.();
    this.#letGo?.();
    this.#renew = this.#letGo = null;
    // What the sensors say may be a reason not to want any more.
    if (reading !== null) this.#needs.sensors(reading.sensors);
    this.#needs.changed();
    this.#sync();
  }

  #onNotice(notice: HolderNotice): void {
    if (notice.tell === 'sensors') this.#needs.sensors(notice.sensors);
    else if (notice.tell !== 'effects' || !this.#isDone) return;
    else this.#read = { atMs: this.#needs.steadyMs(), effects: notice.effects };
    this.#needs.changed();
  }

  async #tried(act: Promise<void>): Promise<void> {
    try {
      await act;
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'the holder did not do what it was asked');
      this.#needs.changed();
    }
  }
}

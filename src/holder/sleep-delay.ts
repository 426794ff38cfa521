import type { Logger } from '../base/log.ts';
import type { Timers } from '../connection/timers.ts';
import { HeldLock } from './held-lock.ts';
import type { Lock } from './platform.ts';

/** logind waits 5 s by default (InhibitDelayMaxSec); it has to hear of us before. */
const READY_LIMIT_MS = 4_000;
/** A sleep that was announced and did not come, with nobody to say so. */
const NO_SLEEP_AFTER_MS = 60_000;
const WHY = 'Porchlight tells your devices before the machine sleeps';

export interface SleepDelayDeps {
  readonly lock: Lock | null;
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Logger;
}

/** Keeps the machine from sleeping until the host has told whom it has to tell, 4 s at most. */
export class SleepDelay {
  readonly #timers: Timers;
  readonly #held: HeldLock | null;
  #isHostThere = false;
  #isGoingToSleep = false;
  #stop: () => void = () => {};

  constructor({ lock, timers, random, log }: SleepDelayDeps) {
    this.#timers = timers;
    this.#held =
      lock === null ? null : new HeldLock({ lock, timers, random, log, onChanged: () => {} });
  }

  hostThere(isThere: boolean): void {
    this.#isHostThere = isThere;
    this.#apply();
  }

  sleeping(): void {
    this.#stop();
    this.#stop = this.#timers.after(READY_LIMIT_MS, () => this.ready());
  }

  ready(): void {
    this.#stop();
    this.#isGoingToSleep = true;
    this.#apply();
    this.#stop = this.#timers.after(NO_SLEEP_AFTER_MS, () => this.woke());
  }

  woke(): void {
    this.#stop();
    this.#isGoingToSleep = false;
    this.#apply();
  }

  async end(): Promise<void> {
    this.#stop();
    this.#isHostThere = false;
    this.#apply();
    await this.#held?.settled();
    this.#held?.stop();
  }

  #apply(): void {
    this.#held?.want(this.#isHostThere && !this.#isGoingToSleep ? WHY : null);
  }
}

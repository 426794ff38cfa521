import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';

/** Time for whoever is there to say no. */
export const NOTICE_MS = 30_000;

export interface SleepWhenDoneNeeds {
  /** A person asked for it. */
  isWanted(): boolean;
  /** It was for one time. */
  done(): void;
  sleepNow(): Promise<void>;
  /** {@link SleepWhenDone.sleepsAt} changed, or the sleep failed (in words). */
  changed(problem: string | null): void;
  now(): Date;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Logger;
}

/** Puts the machine to sleep once the last hold is gone, one time, and not without notice. */
export class SleepWhenDone {
  readonly #needs: SleepWhenDoneNeeds;
  #sleepsAt: string | null = null;
  #callOff: (() => void) | null = null;

  constructor(needs: SleepWhenDoneNeeds) {
    this.#needs = needs;
  }

  /** RFC 3339; null: not about to. */
  get sleepsAt(): string | null {
    return this.#sleepsAt;
  }

  /** To be called when holds or the wish changed. */
  look(hasHolds: boolean): void {
    const { isWanted, timers, now } = this.#needs;
    if (!isWanted() || hasHolds) return this.close();
    if (this.#callOff !== null) return;
    this.#sleepsAt = new Date(now().getTime() + NOTICE_MS).toISOString();
    this.#callOff = timers.after(NOTICE_MS, () => void this.#sleep());
  }

  close(): void {
    this.#callOff?.();
    this.#callOff = null;
    this.#sleepsAt = null;
  }

  async #sleep(): Promise<void> {
    const { done, sleepNow, changed, logger } = this.#needs;
    this.close();
    try {
      // First, or a machine that comes back would go again.
      done();
      logger.info({}, 'all is done: the machine is put to sleep, as a person asked');
      changed(null);
      await sleepNow();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      logger.warn({ err: error }, 'the machine could not be put to sleep');
      changed(`All is done, but the machine could not be put to sleep: ${why}`);
    }
  }
}

import type { Logger } from '../base/log.ts';

const SWEEP_EVERY_MS = 60_000;

export interface Orphans {
  readonly mayLeaveOrphans: boolean;
  endOrphans(): Promise<boolean>;
}

/**
 * Looks for orphans each minute, from the first agent until a minute after the last one in which
 * none were found: where nothing ran, nothing can be left, and an idle keeper costs nothing.
 */
export class OrphanSweep {
  readonly #orphans: Orphans;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | null = null;
  #isOver = false;

  constructor(orphans: Orphans, log: Logger) {
    this.#orphans = orphans;
    this.#log = log;
  }

  /** An agent starts, or something may be left from before. */
  arm(): void {
    if (this.#isOver || this.#timer !== null) return;
    this.#timer = setTimeout(() => void this.#sweep(), SWEEP_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  async #sweep(): Promise<void> {
    let again = this.#orphans.mayLeaveOrphans;
    try {
      again = (await this.#orphans.endOrphans()) || again;
    } catch (error) {
      again = true;
      this.#log.warn({ err: String(error) }, 'the list of processes could not be read');
    }
    this.#timer = null;
    if (again || this.#orphans.mayLeaveOrphans) this.arm();
  }
}

import type { Logger } from '../base/log.ts';
import type { Timers } from '../connection/timers.ts';
import { Pursuit } from './pursuit.ts';
import { problemsOf, recoverAll, type RecoveryDeps } from './recovery.ts';

/** A host that had a holder starts the next one at once, and soon says what it wants. */
const WANT_LIMIT_MS = 2_000;

export interface LeftoversDeps extends RecoveryDeps {
  readonly timers: Timers;
  readonly random: () => number;
  readonly log: Logger;
  readonly problem: (message: string) => void;
  /** At least one setting is as it was before. */
  readonly onRestored: () => void;
}

/**
 * Puts back, once, what holders left that are gone. It gives a host the time to want the same: what is
 * wanted then is taken over, not undone and done again behind a lid that may be closed.
 */
export class Leftovers {
  readonly #deps: LeftoversDeps;
  readonly #pursuit: Pursuit;
  readonly #told = new Set<string>();
  #isDue = false;
  #stop: () => void = () => {};

  constructor(deps: LeftoversDeps) {
    this.#deps = deps;
    this.#pursuit = new Pursuit({
      timers: deps.timers,
      random: deps.random,
      next: () => (this.#isDue ? async () => await this.#recover() : null),
      onStep: () => {},
    });
  }

  start(): void {
    this.#isDue = this.#deps.journal.ids().length > 0;
    if (this.#isDue)
      this.#stop = this.#deps.timers.after(WANT_LIMIT_MS, () => this.#pursuit.poke());
  }

  /** What is wanted has its claim; the rest is undone. */
  wantApplied(): void {
    this.#stop();
    if (this.#isDue) this.#pursuit.poke();
  }

  /** Undone now, or not to be undone now. */
  async end(): Promise<void> {
    this.wantApplied();
    await this.#pursuit.settled();
    this.#pursuit.stop();
  }

  async #recover(): Promise<void> {
    const { platform, problem, log, onRestored } = this.#deps;
    const recovered = await recoverAll(this.#deps);
    log.info({ ...recovered }, 'put back what was left');
    for (const message of problemsOf(recovered, platform)) {
      if (!this.#told.has(message)) problem(message);
      this.#told.add(message);
    }
    if (recovered.restored.length > 0) onRestored();
    if (recovered.failed.length > 0) throw new Error('Something could not be put back');
    this.#isDue = false;
  }
}

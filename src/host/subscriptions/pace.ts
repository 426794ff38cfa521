import type { Timers } from '../../connection/timers.ts';

/**
 * Does something when it is asked to, at most once in so many milliseconds: the first time at once,
 * after what else is done in the same moment; what is asked for in between comes together.
 */
export class Pace {
  readonly #timers: Pick<Timers, 'after'>;
  readonly #everyMs: number;
  readonly #act: () => void;
  #isDue = false;
  /** Undoes the wait; null: it was not done lately. */
  #resting: (() => void) | null = null;

  constructor(timers: Pick<Timers, 'after'>, everyMs: number, act: () => void) {
    this.#timers = timers;
    this.#everyMs = everyMs;
    this.#act = act;
  }

  ask(): void {
    this.#isDue = true;
    this.#resting ??= this.#timers.after(0, () => this.#pass());
  }

  /** What was asked for and not done yet is left undone. */
  close(): void {
    this.#resting?.();
  }

  #pass(): void {
    this.#resting = null;
    if (!this.#isDue) return;
    this.#isDue = false;
    this.#resting = this.#timers.after(this.#everyMs, () => this.#pass());
    this.#act();
  }
}

import type { Clock } from '../clock.ts';

/** Interest in a subject spreads with a delay, so who found nobody asks again soon; then seldom. */
const AGAIN_MS = [300, 1_000, 3_000, 10_000, 30_000];
const SELDOM_MS = 60_000;

/** Looks for one host until it is told to stop: then it was found, or nobody needs it. */
export class Search {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #look: (isFirst: boolean) => Promise<void>;
  #tries = 0;
  #outcome: Promise<void> | null = null;
  #callOff: () => void = () => {};
  #round = 0;
  #isRunning = false;

  /** `look` ends within a fraction of a second, and never rejects. */
  constructor(clock: Clock, random: () => number, look: (isFirst: boolean) => Promise<void>) {
    this.#clock = clock;
    this.#random = random;
    this.#look = look;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** What the first look has ended with; null: it has. */
  get outcome(): Promise<void> | null {
    return this.#outcome;
  }

  /** Begins anew where it runs already. */
  start(withinMs = 0): void {
    this.stop();
    this.#isRunning = true;
    if (withinMs === 0) this.#try();
    else this.#later(withinMs * this.#random());
  }

  stop(): void {
    this.#isRunning = false;
    this.#round += 1;
    this.#tries = 0;
    this.#outcome = null;
    this.#callOff();
  }

  #try(): void {
    const round = this.#round;
    const isFirst = this.#tries === 0;
    const looked = this.#look(isFirst).then(() => {
      if (round !== this.#round) return;
      this.#outcome = null;
      const againMs = AGAIN_MS[this.#tries] ?? SELDOM_MS;
      this.#tries += 1;
      this.#later(againMs * (0.75 + 0.5 * this.#random()));
    });
    if (isFirst) this.#outcome = looked;
  }

  #later(ms: number): void {
    this.#callOff = this.#clock.after(ms, () => this.#try());
  }
}

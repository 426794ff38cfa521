import type { Clock } from '../clock.ts';

/** Interest in a subject spreads with a delay, so who found nobody asks again soon; then seldom. */
const AGAIN_MS = [50, 300, 1_000, 3_000, 10_000, 30_000];
const SELDOM_MS = 60_000;

/** Looks for one host until it is told to stop: then it was found, or nobody needs it. */
export class Search {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #look: (isFirst: boolean) => Promise<void>;
  #tries = 0;
  /** Of the first look, for who waits at the door. */
  #outcome: { readonly isOver: Promise<void>; readonly end: () => void } | null = null;
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

  /** Resolves when the first look has ended, or the search; null: it has. */
  get outcome(): Promise<void> | null {
    return this.#outcome?.isOver ?? null;
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
    this.#endOutcome();
    this.#callOff();
  }

  #try(): void {
    const round = this.#round;
    const isFirst = this.#tries === 0;
    if (isFirst) this.#outcome = pending();
    void this.#look(isFirst).then(() => {
      if (round !== this.#round) return;
      this.#endOutcome();
      const againMs = AGAIN_MS[this.#tries] ?? SELDOM_MS;
      this.#tries += 1;
      this.#later(againMs * (0.75 + 0.5 * this.#random()));
    });
  }

  #endOutcome(): void {
    this.#outcome?.end();
    this.#outcome = null;
  }

  #later(ms: number): void {
    this.#callOff = this.#clock.after(ms, () => this.#try());
  }
}

function pending(): { readonly isOver: Promise<void>; readonly end: () => void } {
  let end = (): void => {};
  const isOver = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { isOver, end };
}

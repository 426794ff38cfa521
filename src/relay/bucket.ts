/** So much at once, and so much a second afterwards. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Token bucket: what is taken beyond the burst flows back with time. Two numbers a bucket. */
export class Bucket {
  #left: number;
  #atMs: number;
  readonly #rate: Rate;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#left = rate.burst;
    this.#atMs = nowMs;
  }

  /** Takes one, or nothing when there is none. */
  tryTake(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  /** Takes all the same, into debt where need be: true while there is no debt. */
  take(amount: number, nowMs: number): boolean {
    this.#refill(nowMs);
    this.#left -= amount;
    return this.#left >= 0;
  }

  isInDebt(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#left < 0;
  }

  isFull(nowMs: number): boolean {
    this.#refill(nowMs);
    return this.#left >= this.#rate.burst;
  }

  #refill(nowMs: number): void {
    // A clock that went back gives nothing and takes nothing.
    const passedMs = Math.max(0, nowMs - this.#atMs);
    this.#atMs = nowMs;
    if (passedMs === 0) return;
    this.#left = Math.min(this.#rate.burst, this.#left + (passedMs * this.#rate.perSecond) / 1_000);
  }
}

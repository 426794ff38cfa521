/** mulberry32: small, and the same everywhere. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    const state = this.#state;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** True in `share` of all cases. */
  is(share: number): boolean {
    return this.next() < share;
  }

  /** undefined: there is none. */
  oneOf<T>(all: readonly T[]): T | undefined {
    return all[this.below(all.length)];
  }

  /** By weight. */
  drawn<T extends string>(weights: Readonly<Record<T, number>>): T {
    // The keys of a record are those of its type.
    const names = Object.keys(weights) as T[];
    const sum = names.reduce((all, name) => all + weights[name], 0);
    let at = this.next() * sum;
    return names.find((name) => (at -= weights[name]) < 0) ?? (names[0] as T);
  }
}

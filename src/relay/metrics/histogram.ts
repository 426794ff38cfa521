import { PREFIX, type Family, type Sample } from './exposition.ts';

/** Counts how long something took, by upper bounds in seconds. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** Ascending. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(seconds: number): void {
    const found = this.#bounds.findIndex((bound) => seconds <= bound);
    const at = found === -1 ? this.#bounds.length : found;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += seconds;
  }

  /** `label`: as `store="mail"`, or nothing. */
  samples(label = ''): Sample[] {
    const before = label === '' ? '' : `${label},`;
    let below = 0;
    const buckets = this.#counts.map((count, n): Sample => {
      below += count;
      return [`{${before}le="${this.#bounds[n] ?? '+Inf'}"}`, below, '_bucket'];
    });
    const labels = label === '' ? '' : `{${label}}`;
    return [...buckets, [labels, this.#sum, '_sum'], [labels, below, '_count']];
  }
}

export function histogram(name: string, help: string, samples: readonly Sample[]): Family {
  return { name: PREFIX + name, help, type: 'histogram', samples };
}

/** One row of the bench's table. Without a goal it is there to read the others by, and holds. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal: string;
  readonly holds: boolean;
}

type Bound = { readonly atMost: number; readonly stretch?: number } | { readonly atLeast: number };

export function figure(name: string, value: number, unit: string, bound?: Bound): Figure {
  return { name, value: rounded(value), unit, goal: goalOf(bound), holds: holds(value, bound) };
}

function goalOf(bound: Bound | undefined): string {
  if (bound === undefined) return '';
  if ('atLeast' in bound) return `≥ ${bound.atLeast}`;
  return `≤ ${bound.atMost}${bound.stretch === undefined ? '' : `, stretch ${bound.stretch}`}`;
}

function holds(value: number, bound: Bound | undefined): boolean {
  if (bound === undefined) return true;
  return 'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost;
}

/** Three digits, so that a delay of a tenth of a millisecond still says something. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** The value that `share` (0 to 1) of the samples do not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Of an odd number of rounds the one in the middle. */
export const median = (values: readonly number[]): number => percentile(values, 0.5);

import type { StoredPush } from '../../store/schema.ts';

type Told = StoredPush['shown'];

/** Of one host: a night of tellings, and more than a screen of notifications. */
const MAX_TOLD = 200;

/** What this push is to become. `again`: it was shown; `over`: what it asks for was decided before it came. */
export type Newness = 'new' | 'again' | 'over';

/**
 * After a push service hung, the host sends the same round again; and two pushes may overtake each
 * other, so that a question comes after its withdrawal.
 */
export function newnessOf(
  told: Told,
  { tag, round, approvalId }: { tag: string; round: number; approvalId?: string },
): Newness {
  const known = told.filter((each) => each.tag === tag);
  const isOver = known.some(
    (each) =>
      each.gone === true && (each.round === 0 ? approvalId !== undefined : each.round >= round),
  );
  if (isOver) return 'over';
  return known.some((each) => each.round === round && each.gone !== true) ? 'again' : 'new';
}

export function withShown(told: Told, { tag, round }: { tag: string; round: number }): Told {
  return [...told, { tag, round }].slice(-MAX_TOLD);
}

/**
 * `rounds`: of each tag the last that is over; the same may be told anew, as when others that it was told
 * with are over. Absent with an older host: then 0, and an approval is over for good.
 */
export function withGone(told: Told, tags: readonly string[], rounds?: readonly number[]): Told {
  const gone = true as const;
  const rest = told.filter((each) => each.gone !== true || !tags.includes(each.tag));
  const all = tags.map((tag, at) => ({ tag, round: rounds?.[at] ?? 0, gone }));
  return [...rest, ...all].slice(-MAX_TOLD);
}

/** With what was opened from its notification, for the host to be told. */
export function withSeen(seen: readonly string[], tag: string): readonly string[] {
  return [...seen.filter((each) => each !== tag), tag].slice(-50);
}

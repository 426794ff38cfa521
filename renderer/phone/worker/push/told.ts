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
  // An approval is withdrawn for good; a machine may have the same trouble again.
  if (approvalId !== undefined && known.some((each) => each.gone === true)) return 'over';
  return known.some((each) => each.round === round && each.gone !== true) ? 'again' : 'new';
}

export function withShown(told: Told, { tag, round }: { tag: string; round: number }): Told {
  return [...told, { tag, round }].slice(-MAX_TOLD);
}

export function withGone(told: Told, tags: readonly string[]): Told {
  const gone = true as const;
  const fresh = tags.filter((tag) => !told.some((each) => each.tag === tag && each.gone === true));
  return [...told, ...fresh.map((tag) => ({ tag, round: 0, gone }))].slice(-MAX_TOLD);
}

/** With what was opened from its notification, for the host to be told. */
export function withSeen(seen: readonly string[], tag: string): readonly string[] {
  return [...seen.filter((each) => each !== tag), tag].slice(-50);
}

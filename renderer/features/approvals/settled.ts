import { useEffect, useState } from 'react';
import type { Approval } from '../../../src/protocol/approval/approval.ts';

/** How a card ended, as far as this window knows. */
export interface Ending {
  readonly words: string;
  readonly reason?: string | undefined;
}

export interface Card {
  readonly approval: Approval;
  /** null while it is open. */
  readonly ending: Ending | null;
}

/** A decided card stays this long, calm and in its place, so that nothing slides under the finger. */
export const SETTLED_MS = 4_000;

/**
 * The cards to show: what is open, oldest first, and what has just been settled, still where it was.
 */
export function cardsOf(
  before: readonly Card[],
  open: readonly Approval[],
  endings: ReadonlyMap<string, Ending>,
  fallback: Ending,
): Card[] {
  const openIds = new Map(open.map((approval) => [approval.id as string, approval]));
  const kept: Card[] = before.map((card) => {
    const still = openIds.get(card.approval.id);
    if (still !== undefined && !endings.has(still.id)) return { approval: still, ending: null };
    return {
      approval: card.approval,
      ending: endings.get(card.approval.id) ?? card.ending ?? fallback,
    };
  });
  const known = new Set(before.map((card) => card.approval.id as string));
  const fresh = open
    .filter((approval) => !known.has(approval.id))
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0))
    .map((approval): Card => ({ approval, ending: endings.get(approval.id) ?? null }));
  return [...kept, ...fresh];
}

/** {@link cardsOf} over time; settled cards leave after {@link SETTLED_MS}. */
export function useCards(
  open: readonly Approval[],
  endings: ReadonlyMap<string, Ending>,
  fallback: Ending,
): readonly Card[] {
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [before, setBefore] = useState<readonly Card[]>([]);
  const now = cardsOf(before, open, endings, fallback).filter(
    ({ approval }) => !gone.has(approval.id),
  );
  const cards = isSame(before, now) ? before : now;
  if (cards !== before) setBefore(cards);
  const settledKey = cards
    .filter(({ ending }) => ending !== null)
    .map(({ approval }) => approval.id)
    .join(' ');
  useEffect(() => {
    if (settledKey === '') return;
    const ids = settledKey.split(' ');
    const timer = setTimeout(() => setGone((some) => new Set([...some, ...ids])), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [settledKey]);
  return cards;
}

function isSame(before: readonly Card[], now: readonly Card[]): boolean {
  return (
    before.length === now.length &&
    before.every(
      (card, i) =>
        card.approval === now[i]?.approval &&
        card.ending?.words === now[i].ending?.words &&
        card.ending?.reason === now[i].ending?.reason,
    )
  );
}

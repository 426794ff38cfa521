import { useCallback, useEffect, useLayoutEffect, useRef } from 'react';

/** A card that has just moved under a finger is not decided by it. */
export const GUARD_MS = 400;
/** Nor is the next card, where the finger that decided the last one still is. */
export const SAME_PLACE_MS = 1_500;
export const SAME_PLACE_PX = 64;

export interface Tap {
  readonly x: number;
  readonly y: number;
}

export interface GuardFacts {
  readonly nowMs: number;
  /** When buttons may have appeared or moved. */
  readonly changedAtMs: number;
  /** Where a finger came down last; null for a mouse or the keyboard, which see where they are. */
  readonly tap: Tap | null;
  /** What last counted. */
  readonly decided: { readonly tap: Tap | null; readonly atMs: number } | null;
}

export function mayCount({ nowMs, changedAtMs, tap, decided }: GuardFacts): boolean {
  const sinceMs = nowMs - changedAtMs;
  if (sinceMs < GUARD_MS) return false;
  if (tap === null || decided?.tap == null || changedAtMs < decided.atMs) return true;
  const isSamePlace = Math.hypot(tap.x - decided.tap.x, tap.y - decided.tap.y) < SAME_PLACE_PX;
  return !isSamePlace || sinceMs >= SAME_PLACE_MS;
}

/**
 * Says whether a click may count: not within {@link GUARD_MS} of the moment `layoutKey` last
 * changed, which is when buttons may have appeared or moved; and for a finger that has not moved
 * since it last decided something, not within {@link SAME_PLACE_MS}.
 */
export function useClickGuard(layoutKey: string): () => boolean {
  const changedAtMs = useRef(0);
  const tap = useRef<Tap | null>(null);
  const decided = useRef<GuardFacts['decided']>(null);
  useLayoutEffect(() => {
    changedAtMs.current = performance.now();
  }, [layoutKey]);
  useEffect(() => {
    const onDown = ({ pointerType, clientX, clientY }: PointerEvent): void => {
      tap.current = pointerType === 'touch' ? { x: clientX, y: clientY } : null;
    };
    addEventListener('pointerdown', onDown, true);
    return () => removeEventListener('pointerdown', onDown, true);
  }, []);
  return useCallback(() => {
    const nowMs = performance.now();
    const facts = { nowMs, changedAtMs: changedAtMs.current, tap: tap.current };
    if (!mayCount({ ...facts, decided: decided.current })) return false;
    decided.current = { tap: tap.current, atMs: nowMs };
    return true;
  }, []);
}

import { useCallback, useLayoutEffect, useRef } from 'react';

/** A card that has just moved under a finger is not decided by it. */
export const GUARD_MS = 400;

/**
 * Says whether a click may count: not within {@link GUARD_MS} of the moment `layoutKey` last
 * changed, which is when buttons may have appeared or moved.
 */
export function useClickGuard(layoutKey: string): () => boolean {
  const changedAtMs = useRef(0);
  useLayoutEffect(() => {
    changedAtMs.current = performance.now();
  }, [layoutKey]);
  return useCallback(() => performance.now() - changedAtMs.current >= GUARD_MS, []);
}

import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import { merge } from '../../../src/protocol/session/merge.ts';

const SHOWN_CHARS = 300;

/**
 * The first place where two histories differ in a byte, else null. Pieces of one streamed text come
 * joined to whoever was behind, so they are joined on both sides first.
 */
export function different(
  found: readonly SessionEvent[],
  wanted: readonly SessionEvent[],
): { found: string; wanted: string } | null {
  const [left, right] = [found, wanted].map((events) =>
    merge(events).map((event) => JSON.stringify(event)),
  );
  if (left === undefined || right === undefined) return null;
  for (let i = 0; i < Math.max(left.length, right.length); i += 1)
    if (left[i] !== right[i])
      return {
        found: `${i}: ${(left[i] ?? 'nothing').slice(0, SHOWN_CHARS)}`,
        wanted: `${i}: ${(right[i] ?? 'nothing').slice(0, SHOWN_CHARS)}`,
      };
  return null;
}

import { useEffect, useState } from 'react';

const TICK_MS = 250;

/** What is left until `endsAtMs` of `performance.now`, never below 0. */
export function useLeft(endsAtMs: number): number {
  const [leftMs, setLeftMs] = useState(() => endsAtMs - performance.now());
  useEffect(() => {
    const tick = (): void => setLeftMs(endsAtMs - performance.now());
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [endsAtMs]);
  return Math.max(0, leftMs);
}

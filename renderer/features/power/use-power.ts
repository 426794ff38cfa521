import { useEffect, useState } from 'react';
import type { PowerState } from '../../../src/protocol/power.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';

/** Reading everything anew takes the machine up to 10 s. */
const LOOK_LIMIT_MS = 15_000;

export interface PowerNow {
  /** null: not told yet. */
  readonly power: PowerState | null;
  /** Why it could not be read anew, in words. */
  readonly failure: string | null;
}

/** What keeps the machine awake, read anew when this is first shown and when the host is back. */
export function usePower(): PowerNow {
  const { link, store } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const power = useHost((host) => host.power);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    if (!isUp) return;
    link.call('power.state', {}, LOOK_LIMIT_MS).then(
      (answer) => {
        setFailure(null);
        store.setState({ power: answer.power });
      },
      (error: unknown) => setFailure(error instanceof Error ? error.message : String(error)),
    );
  }, [isUp, link, store]);
  return { power, failure };
}

const firstSeen = new WeakMap<PowerState, number>();

/**
 * Milliseconds since this page was told that state. Ages count on from there by the page's own clock: that
 * of a phone may differ from the machine's by hours.
 */
export function sinceTold(power: PowerState, nowMs: number): number {
  const told = firstSeen.get(power);
  if (told !== undefined) return Math.max(0, nowMs - told);
  firstSeen.set(power, nowMs);
  return 0;
}

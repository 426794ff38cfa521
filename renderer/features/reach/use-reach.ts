import { useCallback, useEffect, useState } from 'react';
import type { Reach } from '../../../src/protocol/reach.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';

/** The host answers within 7 s; this is for the way. */
const PROBE_LIMIT_MS = 12_000;

export interface Probed {
  readonly reach: Reach;
  /** There and back between this page and the host. */
  readonly hereMs: number;
  /** By this page's clock. */
  readonly atMs: number;
}

export interface ReachNow {
  /** null: nothing was probed yet. */
  readonly probed: Probed | null;
  readonly isAsking: boolean;
  /** Why it could not be had, in words. */
  readonly failure: string | null;
  again(): void;
}

/** Probes when it is first shown and when the host is back; after that when somebody asks for it. */
export function useReach(): ReachNow {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const [probed, setProbed] = useState<Probed | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  /** How often it was asked for, and how many of those questions are over. */
  const [asked, setAsked] = useState(1);
  const [over, setOver] = useState(0);
  useEffect(() => {
    if (!isUp) return;
    let isNewest = true;
    const probe = async (): Promise<Probed> => {
      const beganMs = performance.now();
      await link.call('host.status', {});
      const hereMs = performance.now() - beganMs;
      const { reach } = await link.call('reach.probe', {}, PROBE_LIMIT_MS);
      return { reach, hereMs, atMs: Date.now() };
    };
    const end = (found: Probed | null, problem: string | null): void => {
      if (!isNewest) return;
      if (found !== null) setProbed(found);
      setFailure(problem);
      setOver(asked);
    };
    probe().then(
      (found) => end(found, null),
      (error: unknown) => end(null, error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isNewest = false;
    };
  }, [link, isUp, asked]);
  const again = useCallback(() => setAsked((times) => times + 1), []);
  return { probed, isAsking: isUp && over < asked, failure, again };
}

/** What the host's clock shows now: that of a phone may differ from the machine's by hours. */
export function hostNowMs({ reach, atMs }: Probed, nowMs: number): number {
  return Date.parse(reach.at) + Math.max(0, nowMs - atMs);
}

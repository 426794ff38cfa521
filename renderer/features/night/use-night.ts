import { useCallback, useEffect, useState } from 'react';
import type { NightReport } from '../../../src/protocol/night.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { openOverlay, viewStore } from '../../state/view-store.ts';
import { markSeen, wasSeen } from '../../state/seen.ts';

const SEEN = 'porchlight.night.seen';
const kept = (): Storage => localStorage;
/** The page of a night that is longer ago than this comes only when it is asked for. */
const MORNING_MS = 3 * 24 * 3_600_000;

/**
 * Knows whether it is night, and opens the page of the morning by itself the first time after one has
 * ended. Once for a window.
 */
export function useNight(): void {
  const { link, store } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const isNight = useHost(({ night }) => (night === undefined ? undefined : night !== null));
  useEffect(() => {
    if (!isUp) return;
    link.call('night.state', {}).then(
      ({ night }) => store.setState({ night }),
      () => {
        // A host that knows no nights has none.
      },
    );
  }, [isUp, link, store]);
  useEffect(() => {
    if (!isUp || isNight !== false) return;
    link.call('night.report', {}).then(
      ({ report }) => {
        if (newsOf(report, Date.now()) === null) return;
        // Whatever the person is at goes on; the page waits in the palette.
        if (viewStore.getState().overlay === null) openOverlay({ name: 'night' });
      },
      () => {},
    );
  }, [isUp, isNight, link]);
}

/** Learns whether a night ended lately whose page was not looked at. Once for an open host. */
export function useMorning(): void {
  const { link, store } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const isNight = useHost(({ night }) => (night === undefined ? undefined : night !== null));
  useEffect(() => {
    if (!isUp || isNight === undefined) return;
    if (isNight) return store.setState({ morning: null });
    link.call('night.report', {}).then(
      ({ report }) => store.setState({ morning: newsOf(report, Date.now()) }),
      () => {
        // Asked again with the next connection.
      },
    );
  }, [isUp, isNight, link, store]);
}

/** When it ended, where that is news. */
function newsOf(report: NightReport | null, nowMs: number): string | null {
  const ended = report?.ended ?? null;
  if (ended === null || nowMs - Date.parse(ended) >= MORNING_MS) return null;
  return wasSeen(SEEN, ended, kept) ? null : ended;
}

export interface NightReportNow {
  /** undefined: not told yet; null: there was no night. */
  readonly report: NightReport | null | undefined;
  readonly failure: string | null;
}

/** What happened in the night that is, or in the last one; looking at it counts as having seen it. */
export function useNightReport(): NightReportNow {
  const { link, store } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  const night = useHost((host) => host.night);
  const open = useHost(({ approvals }) => approvals);
  const [report, setReport] = useState<NightReport | null>();
  const [failure, setFailure] = useState<string | null>(null);
  const look = useCallback(
    () =>
      link.call('night.report', {}).then(
        (answer) => {
          setFailure(null);
          setReport(answer.report);
          const ended = answer.report?.ended ?? null;
          if (ended !== null) markSeen(SEEN, ended, kept);
          store.setState({ morning: null });
        },
        (error: unknown) => setFailure(error instanceof Error ? error.message : String(error)),
      ),
    [link, store],
  );
  useEffect(() => {
    if (isUp) void look();
    // What is decided or comes while it is looked at changes it.
  }, [isUp, look, night, open]);
  return { report, failure };
}

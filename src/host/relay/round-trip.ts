import type { Timers } from '../../connection/timers.ts';
import type { RelayLink } from './relay-link.ts';

/** Asks the relay of a link; null when nothing came back within `limitMs`. */
export async function roundTripMs(
  link: Pick<RelayLink, 'ping' | 'pongs'>,
  timers: Pick<Timers, 'after'>,
  limitMs: number,
): Promise<number | null> {
  const sentAt = performance.now();
  return await new Promise((resolve) => {
    const done = (ms: number | null): void => {
      cancel();
      unfollow();
      resolve(ms);
    };
    const unfollow = link.pongs.on(() => done(performance.now() - sentAt));
    const cancel = timers.after(limitMs, () => done(null));
    link.ping();
  });
}

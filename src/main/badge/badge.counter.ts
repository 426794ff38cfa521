import type { Badge } from './badge.ts';

/** The part of Electron's `app` that is used here. */
export interface CountingApp {
  setBadgeCount(count: number): boolean;
}

export function counterBadge(app: CountingApp): Badge {
  let shown = 0;
  return {
    show: (count) => {
      if (count === shown) return;
      shown = count;
      app.setBadgeCount(count);
    },
    again: () => {},
  };
}

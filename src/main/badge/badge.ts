import { counterBadge, type CountingApp } from './badge.counter.ts';
import { overlayBadge, type OverlayWindow } from './badge.windows.ts';

/** How many things ask for the person, on the app's icon. */
export interface Badge {
  show(count: number): void;
  /** A window has come up, which may have an icon of its own. */
  again(): void;
}

export interface BadgePlaces {
  readonly app: CountingApp;
  /** null: none is open. */
  window(): OverlayWindow | null;
}

/** macOS counts in the dock and Linux in launchers that can (Unity); Windows on the window's button. */
export function badgeFor(platform: NodeJS.Platform, { app, window }: BadgePlaces): Badge {
  return platform === 'win32' ? overlayBadge(window) : counterBadge(app);
}

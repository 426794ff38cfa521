import type { Badge } from './badge.ts';
import { badgePicture, type Bitmap } from './badge-picture.ts';

/** A window whose taskbar button can bear a small picture. */
export interface OverlayWindow {
  /** null takes it away; `words` for screen readers. */
  overlay(picture: Bitmap | null, words: string): void;
}

export function overlayBadge(window: () => OverlayWindow | null): Badge {
  let count = 0;
  const paint = (): void =>
    window()?.overlay(
      count === 0 ? null : badgePicture(count),
      count === 0 ? '' : `${count} ${count === 1 ? 'needs' : 'need'} you`,
    );
  return {
    show: (next) => {
      if (next === count) return;
      count = next;
      paint();
    },
    again: paint,
  };
}

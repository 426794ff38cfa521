import type { KeyboardEvent } from 'react';

/**
 * Arrow keys inside a list whose items match `[data-roving]`: moves focus, Home and End too. The
 * list is one stop for Tab if only one item has tabIndex 0.
 */
export function rove(
  event: KeyboardEvent<HTMLElement>,
  axis: 'vertical' | 'both' = 'vertical',
): void {
  const next = ['ArrowDown', ...(axis === 'both' ? ['ArrowRight'] : [])];
  const before = ['ArrowUp', ...(axis === 'both' ? ['ArrowLeft'] : [])];
  const isKnown = [...next, ...before, 'Home', 'End'].includes(event.key);
  if (!isKnown || event.altKey || event.ctrlKey || event.metaKey) return;
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-roving]')];
  const here = items.indexOf(document.activeElement as HTMLElement);
  if (here === -1) return;
  event.preventDefault();
  const target =
    event.key === 'Home'
      ? 0
      : event.key === 'End'
        ? items.length - 1
        : here + (next.includes(event.key) ? 1 : -1);
  items[Math.min(Math.max(target, 0), items.length - 1)]?.focus();
}

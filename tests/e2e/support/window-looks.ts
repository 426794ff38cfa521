import type { Page } from 'playwright-core';

/** Colours on their way to others are no contrast to measure. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(
    'Promise.all(document.getAnimations().filter((a) => a instanceof CSSTransition).map((a) => a.finished))',
  );
}

/** Elements that stick out of the window to the right, but for what scrolls sideways on purpose. */
export async function overflowing(page: Page): Promise<string[]> {
  return (await page.evaluate(`[...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.getBoundingClientRect().width > 0)
    .filter((e) => !e.closest('.diff-scroll, pre, .markdown-table, .unseen'))
    .map((e) => e.tagName + '.' + e.className)`)) as string[];
}

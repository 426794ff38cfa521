import type { Page } from 'playwright-core';

/** Colours on their way to others are no contrast to measure. One that is called off gives way to another. */
export async function settle(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const moving = () => document.getAnimations().filter((a) => a instanceof CSSTransition);
    for (let all = moving(); all.length > 0; all = moving())
      await Promise.allSettled(all.map((a) => a.finished));
  })()`);
}

/** Longer than what decides takes no click after anything near it has moved. */
const STILL_MS = 450;

/** Nothing has come or gone on the page for a while, by its own clock: what decides takes a click now. */
export async function standsStill(page: Page): Promise<void> {
  await page.evaluate(`new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('The page does not come to rest.')), 10_000);
    let timer;
    const again = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        observer.disconnect();
        clearTimeout(limit);
        resolve();
      }, ${STILL_MS});
    };
    const observer = new MutationObserver(again);
    observer.observe(document.body, { childList: true, subtree: true });
    again();
  })`);
}

/** Elements that stick out of the window to the right, but for what scrolls sideways on purpose. */
export async function overflowing(page: Page): Promise<string[]> {
  return (await page.evaluate(`[...document.querySelectorAll('body *')]
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && e.getBoundingClientRect().width > 0)
    .filter((e) => !e.closest('.diff-scroll, pre, .markdown-table, .unseen'))
    .map((e) => e.tagName + '.' + e.className)`)) as string[];
}

/** The contrast of every word on a card that decides something, and of the buttons that do. */
export async function decidingContrasts(page: Page): Promise<{ what: string; ratio: number }[]> {
  return (await page.evaluate(CONTRASTS)) as { what: string; ratio: number }[];
}

/** What a thumb is meant to hit and is smaller than `leastPx` on a side; links inside text are not meant. */
export async function smallTargets(page: Page, leastPx: number): Promise<string[]> {
  return (await page.evaluate(`(() => {
    const targets = [...document.querySelectorAll('button, select, textarea, summary, a[href], label:has(input), input:not([type=file])')];
    return targets
      .filter((e) => !e.closest('.unseen, .markdown p, .markdown li') && !(e.tagName === 'INPUT' && e.closest('label')))
      .filter((e) => !(e.tagName === 'LABEL' && e.querySelector('select, .input')))
      .map((e) => ({ e, box: e.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && box.height > 0)
      .filter(({ box }) => Math.min(box.width, box.height) < ${leastPx} - 0.5)
      .map(({ e, box }) => e.tagName + '.' + e.className + ' ' + Math.round(box.width) + 'x' + Math.round(box.height) + ' ' + e.textContent.slice(0, 30));
  })()`)) as string[];
}

const CONTRASTS = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgb = (color) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const lum = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const back = (e) => { for (let at = e; at; at = at.parentElement) { const c = rgb(getComputedStyle(at).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255]; };
  return [...document.querySelectorAll('.card .button, .card h2, .card .call-command, .card .diff-text, .card .card-title, .card .card-question, .card .field-label, .card .facts dd')].map((e) => {
    const a = lum(rgb(getComputedStyle(e).color)); const b = lum(back(e));
    return { what: e.className + ' ' + e.textContent.slice(0, 30), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) };
  });
})()`;

import type { Page } from 'playwright-core';
import { picture } from '../../support/picture.ts';
import { axeViolations } from './window-browser.ts';
import { overflowing, settle } from './window-looks.ts';

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 740 };
/** A window of 1280 × 800 at 200 %. */
const ZOOMED = { width: 640, height: 400 };

/** Each layout once in whole; colours are all that another theme changes, and a half-wide window nothing. */
const LOOKS = [
  { look: 'light', viewport: WIDE, colorScheme: 'light', only: null },
  { look: 'dark', viewport: WIDE, colorScheme: 'dark', only: ['color-contrast'] },
  { look: '360', viewport: NARROW, colorScheme: 'dark', only: null },
  { look: '640', viewport: ZOOMED, colorScheme: 'light', only: [] },
] as const;

/**
 * What is wrong with the page as it stands, in both themes, at 360 px and at 200 % zoom: what sticks
 * out of the window, what axe-core objects to. Empty when all is well.
 */
export async function faultsInEveryLook(page: Page, name: string): Promise<string[]> {
  const faults: string[] = [];
  for (const { look, viewport, colorScheme, only } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await settle(page);
    await picture(page, `window/${name}-${look}`);
    const found = [
      ...(await overflowing(page)).map((element) => `sticks out: ${element}`),
      ...(only?.length === 0 ? [] : await axeViolations(page, only)),
    ];
    faults.push(...found.map((fault) => `${look}: ${fault}`));
  }
  return faults;
}

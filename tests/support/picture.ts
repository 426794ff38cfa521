import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { dist } from '../../build/programs.mjs';

/**
 * Saves what a page shows as `dist/screenshots/<name>.png`, for people to look at, where `npm test --
 * --pictures` asked for that. Nothing is tested by it, and it costs a tenth of what a page does.
 */
export async function picture(page: Page, name: string): Promise<void> {
  if (process.env.PORCHLIGHT_PICTURES !== '1') return;
  const folder = join(dist, 'screenshots');
  mkdirSync(join(folder, name, '..'), { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

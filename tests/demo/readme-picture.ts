import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { WindowPage } from '../e2e/support/window-page.ts';
import type { Stage } from './stage.ts';

const LIMIT_MS = 10_000;
const startedSchema = z.object({ sessionId: z.string() });

/** What else goes on while the picture is taken: one session quiet, one at work. */
const OTHERS = [
  {
    folder: 'weather-station',
    title: 'Mend the sensor test',
    prompt: 'SCRIPT:stream n=20 rate=200',
  },
  { folder: 'handbook', title: 'Translate the handbook', prompt: 'SCRIPT:stream n=2000 rate=20' },
];

/** The picture at the top of the README: the window as it is, by daylight, with an open approval. */
export async function takeReadmePicture(
  stage: Stage,
  { page }: WindowPage,
  file: string,
): Promise<void> {
  const ids: string[] = [];
  for (const { folder, title, prompt } of OTHERS) {
    const where = ['--cwd', stage.makeFolder(folder), '--title', title];
    const { code, output } = await stage.porchlight(
      'start',
      '--json',
      '--agent',
      'demo',
      ...where,
      prompt,
    );
    if (code !== 0) throw new Error(`No session for the picture: ${output}`);
    ids.push(startedSchema.parse(JSON.parse(output)).sessionId);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  // What has been decided before leaves after some seconds.
  await page.locator('.card-settled').first().waitFor({ state: 'hidden', timeout: LIMIT_MS });
  await page.getByRole('button', { name: /^Allow/ }).scrollIntoViewIfNeeded();
  mkdirSync(dirname(file), { recursive: true });
  await page.screenshot({ path: file, timeout: LIMIT_MS, animations: 'disabled' });
  await page.emulateMedia({ colorScheme: null });
  for (const id of ids) await stage.porchlight('stop', id);
}

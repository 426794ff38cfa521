import { join } from 'node:path';
import { compile } from '../../../build/compile.mjs';
import { FIRST_LOAD_LIMIT_BYTES, firstLoad } from '../../../build/phone/first-load.mjs';
import { dist } from '../../../build/programs.mjs';
import { figure, type Figure } from '../figure.ts';

const KB = 1_000;

/** What a phone fetches before its first screen is up. */
export async function benchPhonePage(): Promise<Figure[]> {
  await compile(['phone']);
  const { bytes } = firstLoad(join(dist, 'renderer', 'phone'));
  return [
    figure('phone page, first load, gzipped', bytes / KB, 'kB', {
      atMost: FIRST_LOAD_LIMIT_BYTES / KB,
    }),
  ];
}

import { describe, expect, test } from 'vitest';
import { expected, play } from './crash-matrix/cell.ts';
import {
  MOMENTS,
  NOT_HOLDING,
  VICTIMS,
  type Moment,
  type Victim,
} from './crash-matrix/expectations.ts';

// The tray app's row is in tests/e2e: it takes a real one.
const victims = (Object.keys(VICTIMS) as Victim[]).filter((victim) => victim !== 'tray');
const moments = Object.keys(MOMENTS) as Moment[];

describe.concurrent.each(victims)('killed: %s', (victim) => {
  for (const moment of moments) {
    const run = NOT_HOLDING[`${victim} ${moment}`] === undefined ? test : test.fails;
    run(`while ${MOMENTS[moment]}`, async () => {
      expect(await play(victim, moment)).toEqual(expected(victim, moment));
    });
  }
});

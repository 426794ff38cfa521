import { expect, test } from 'vitest';
import { windowPosition, type Box } from '../../../../src/main/windows/window-position.ts';

const LAPTOP: Box = { x: 0, y: 25, width: 1440, height: 875 };
const BESIDE: Box = { x: 1440, y: 0, width: 1920, height: 1080 };
const TINY: Box = { x: 0, y: 0, width: 400, height: 300 };
const MIDDLE: Box = { x: 130, y: 73, width: 1180, height: 780 };

const cases: readonly [string, Box | null, readonly Box[], Box][] = [
  ['opens in the middle of the first display at first', null, [LAPTOP, BESIDE], MIDDLE],
  [
    'opens where it was',
    { x: 1500, y: 50, width: 900, height: 700 },
    [LAPTOP, BESIDE],
    { x: 1500, y: 50, width: 900, height: 700 },
  ],
  [
    'returns to the middle when its display is gone',
    { x: 1500, y: 50, width: 1180, height: 780 },
    [LAPTOP],
    MIDDLE,
  ],
  [
    'is moved in when it hangs over the edge',
    { x: 1000, y: 700, width: 900, height: 700 },
    [LAPTOP],
    { x: 540, y: 200, width: 900, height: 700 },
  ],
  [
    'returns to the middle when its title bar is above the display',
    { x: 100, y: -400, width: 1180, height: 780 },
    [LAPTOP],
    MIDDLE,
  ],
  [
    'shrinks to a smaller display',
    { x: 0, y: 0, width: 3000, height: 2000 },
    [LAPTOP],
    { x: 0, y: 25, width: 1440, height: 875 },
  ],
  [
    'is never smaller than a window can be',
    { x: 10, y: 30, width: 1, height: 1 },
    [LAPTOP],
    { x: 10, y: 30, width: 420, height: 480 },
  ],
  ['is never larger than the display', null, [TINY], TINY],
  [
    'belongs to the display it is most on',
    { x: 1300, y: 100, width: 800, height: 600 },
    [LAPTOP, BESIDE],
    { x: 1440, y: 100, width: 800, height: 600 },
  ],
  ['opens without any display', null, [], { x: 0, y: 0, width: 1180, height: 780 }],
];

test.each(cases)('%s', (_name, last, areas, expected) => {
  expect(windowPosition(last, areas)).toEqual(expected);
});

import { expect, test } from 'vitest';
import { corpusFigures } from './corpus/share.ts';

/** Of harmless everyday commands; lower is better, and must not rise unseen. */
const MOST_THAT_ASK = 0.1;

const figures = corpusFigures();

test('none of the commands written to slip through is allowed', () => {
  expect(figures.allowed).toEqual([]);
  expect(figures.attacks).toBeGreaterThanOrEqual(450);
});

test('few of the harmless commands still ask', ({ annotate }) => {
  const { asks, harmless, attacks } = figures;
  const share = `${asks.length} of ${harmless} harmless commands ask, 0 of ${attacks} attacks are allowed`;
  void annotate(share);
  process.stdout.write(`${share}\n`);
  expect(harmless).toBeGreaterThanOrEqual(150);
  expect(asks.length / harmless, JSON.stringify(asks, null, 1)).toBeLessThanOrEqual(MOST_THAT_ASK);
});

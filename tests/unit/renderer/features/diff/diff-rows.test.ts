import { describe, expect, test } from 'vitest';
import { diffRows, stretches } from '../../../../../renderer/features/diff/diff-rows.ts';

describe('a diff', () => {
  test('has every line of both texts, numbered on its side', () => {
    expect(diffRows('a\nb\nc\n', 'a\nB\nc\nd\n')).toEqual({
      rows: [
        { kind: 'same', oldNo: 1, newNo: 1, text: 'a' },
        { kind: 'minus', oldNo: 2, text: 'b' },
        { kind: 'plus', newNo: 2, text: 'B' },
        { kind: 'same', oldNo: 3, newNo: 3, text: 'c' },
        { kind: 'plus', newNo: 4, text: 'd' },
      ],
      plus: 2,
      minus: 1,
    });
  });

  test('of a new file has only new lines', () => {
    expect(diffRows(null, 'x\n')).toEqual({
      rows: [{ kind: 'plus', newNo: 1, text: 'x' }],
      plus: 1,
      minus: 0,
    });
  });

  test('shows that a newline at the end went away or came', () => {
    expect([diffRows('a\n', 'a').rows.at(-1), diffRows('a', 'a\n').rows.at(-1)]).toEqual([
      { kind: 'noNewline', side: 'new' },
      { kind: 'noNewline', side: 'old' },
    ]);
  });

  test('of equal texts changes nothing', () => {
    expect(diffRows('a\n', 'a\n')).toMatchObject({ plus: 0, minus: 0 });
  });

  test('of two large and different texts is still whole, and soon', () => {
    const text = (seed: number): string =>
      Array.from({ length: 20_000 }, (_, i) => `${(i * seed) % 9_973}`).join('\n') + '\n';
    const startedAtMs = performance.now();
    const { plus, minus, rows } = diffRows(text(7), text(11));
    const same = rows.filter(({ kind }) => kind === 'same').length;
    expect([minus + same, plus + same]).toEqual([20_000, 20_000]);
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
  });
});

describe('what a diff folds', () => {
  const unchanged = (n: number): string => Array.from({ length: n }, (_, i) => `l${i}\n`).join('');

  test('is what lies further from a change than the context', () => {
    const { rows } = diffRows(`${unchanged(20)}old\n`, `${unchanged(20)}new\n`);
    expect(stretches(rows, 3)).toEqual([
      { from: 0, to: 17, folded: true },
      { from: 17, to: 22, folded: false },
    ]);
  });

  test('never is a change, nor a gap that folding would not shorten', () => {
    const { rows } = diffRows(`a\n${unchanged(9)}b\n`, `A\n${unchanged(9)}B\n`);
    expect(stretches(rows, 3)).toEqual([{ from: 0, to: rows.length, folded: false }]);
  });

  test('is everything where nothing changed', () => {
    const { rows } = diffRows(unchanged(9), unchanged(9));
    expect(stretches(rows, 3)).toEqual([{ from: 0, to: 9, folded: true }]);
  });
});

import { afterEach, expect, test, vi } from 'vitest';
import { colouredLines } from '../../../../../renderer/features/highlight/coloured-lines.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('code has the same colours on a machine that is so busy that every look at the clock is a second later', () => {
  let nowMs = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => (nowMs += 1_000));
  expect(colouredLines('/** Says so. */\nreturn 1', 'js')).toEqual([
    [['/** Says so. */', 'comment']],
    [
      ['return', 'keyword'],
      [' ', ''],
      ['1', 'number'],
    ],
  ]);
});

test('a language that is not known stays plain', () => {
  expect(colouredLines('beep', 'klingon')).toBeNull();
});

import { expect, test } from 'vitest';
import { wordsOf } from '../../../../../renderer/features/transcript/status-line.tsx';

test.each([
  ['idle', [], 5_000, null],
  ['ended', [], 5_000, null],
  ['starting', [], 5_000, 'The agent is starting…'],
  ['waiting', [], 5_000, 'Waits for your decision'],
  ['working', [], 1_999, 'Working'],
  ['working', [], -60_000, 'Working'],
  ['working', [], 64_000, 'Waiting for the model · 1 min 04 s'],
  ['working', ['t1'], 8_000, 'Working · 8 s'],
] as const)(
  'a session that is %s, with calls %j, silent for %d ms, says %j',
  (state, openTools, silentMs, words) => {
    expect(wordsOf({ state, openTools: [...openTools] }, silentMs)).toBe(words);
  },
);

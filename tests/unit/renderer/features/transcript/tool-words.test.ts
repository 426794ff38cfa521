import { describe, expect, test } from 'vitest';
import {
  commandOf,
  unfenced,
  withoutAnsi,
} from '../../../../../renderer/features/transcript/tool-words.ts';

describe('the command of a call', () => {
  test.each([
    [{ command: 'npm test' }, 'npm test'],
    [{ command: ['bash', '-lc', "echo 'hi' && ls"] }, String.raw`bash -lc 'echo '\''hi'\'' && ls'`],
    [{ cmd: 'ls' }, 'ls'],
    [{ command: '' }, null],
    [{ command: [1] }, null],
    [{ file_path: '/a' }, null],
    ['npm test', null],
    [null, null],
    [undefined, null],
  ])('of %j is %j', (input, command) => {
    expect(commandOf(input)).toBe(command);
  });
});

describe('raw output', () => {
  test('loses the one fence around it, and only that', () => {
    expect([unfenced('```\na\n```'), unfenced('```sh\na\n``` \n'), unfenced('a ``` b')]).toEqual([
      'a',
      'a',
      'a ``` b',
    ]);
  });

  test('loses a terminal’s colours and titles', () => {
    expect(withoutAnsi('\u001b[31mred\u001b[0m \u001b]0;title\u0007ok')).toBe('red ok');
  });
});

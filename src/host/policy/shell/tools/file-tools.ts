import type { Tool } from '../tool.ts';

const HARMLESS: Tool = { harmless: true, placeFree: true };

/** Tools that look at files and text. */
export const FILE_TOOLS: readonly [string, Tool][] = [
  ...[
    'ls',
    'cat',
    'echo',
    'pwd',
    'wc',
    'head',
    'tail',
    'true',
    'false',
    'grep',
    'egrep',
    'fgrep',
  ].map((name): [string, Tool] => [name, HARMLESS]),
  [
    'cd',
    {
      judge(words, from, to): void {
        to.enters = words[from] ?? null;
        if (words.length !== from + 1) to.object(from, 'cd goes where the line does not tell');
      },
    },
  ],
];

import type { Attack } from './attack.ts';
import { CHAINS } from './chains.ts';
import { EXPANSIONS } from './expansions.ts';
import { OPTIONS } from './options.ts';
import { PUBLISHED } from './published.ts';
import { SURROUNDINGS } from './surroundings.ts';
import { WORDS } from './words.ts';

/** Rules that let ordinary commands run, against which each attack is tried. */
export const ORDINARY_RULES = [
  ...['git status', 'git diff', 'git log', 'git show', 'npm test', 'npm run build', 'ls', 'cat'],
  ...['grep', 'rg', 'find', 'echo', 'printf', 'node scripts/build.mjs', 'tsc', 'npx tsc', 'sed'],
  ...[
    'awk',
    'sort',
    'head',
    'tail',
    'wc',
    'uniq',
    'diff',
    'cargo build',
    'pytest',
    'test',
    'base64',
  ],
  ...['file', 'date', 'tree', 'fd', 'xxd', 'stat', 'seq', 'true', 'cd', 'hostname', 'make test'],
];

export const ATTACKS: readonly Attack[] = [
  ...new Map(
    [...CHAINS, ...EXPANSIONS, ...WORDS, ...OPTIONS, ...SURROUNDINGS, ...PUBLISHED].map((one) => [
      one.line,
      one,
    ]),
  ).values(),
];

/** The files of the coding task. Their first line marks them as ours: nothing else is overwritten. */
export const MARK = '// Written by the Porchlight demo agent.';
export const SOURCE = 'slugify.mjs';
export const TEST = 'slugify.test.mjs';

export const ACCENTS = ['plain', 'keep', 'drop'] as const;
export type Accents = (typeof ACCENTS)[number];

export const FIRST_SOURCE = `${MARK}

/** Turns a title into the last part of a URL. */
export function slugify(title) {
  return title.toLowerCase().replace(' ', '-');
}
`;

/** The repaired function, by what the person wants for accented letters. */
export function repairedSource(accents: Accents): string {
  const letters = accents === 'keep' ? '[^\\p{Letter}\\p{Number}]+' : '[^a-z0-9]+';
  const steps: Record<Accents, string> = {
    plain: "\n    .normalize('NFD')\n    .replace(/\\p{Mark}/gu, '')",
    keep: '',
    drop: "\n    .replace(/[^\\x20-\\x7e]/g, '')",
  };
  return `${MARK}

/** Turns a title into the last part of a URL. */
export function slugify(title) {
  return title${steps[accents]}
    .toLowerCase()
    .replace(/${letters}/gu, '-')
    .replace(/^-|-$/g, '');
}
`;
}

export const TEST_SOURCE = `${MARK}
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slugify } from './slugify.mjs';

test('a word stays a word', () => {
  assert.equal(slugify('Porch'), 'porch');
});

test('each gap becomes one dash', () => {
  assert.equal(slugify('Leave the  light on'), 'leave-the-light-on');
});

test('dashes stand only between words', () => {
  assert.equal(slugify(' Who is there? '), 'who-is-there');
});
`;

import { expect, test } from 'vitest';
import {
  ACCENTS,
  FIRST_SOURCE,
  repairedSource,
} from '../../../../src/demo-agent/scripts/slugify.ts';

async function slugs(source: string): Promise<string[]> {
  const module: unknown = await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(source)}`
  );
  // The source that is under test exports exactly this.
  const { slugify } = module as { slugify: (title: string) => string };
  return ['Leave the  light on', ' Who is there? ', 'Café'].map(slugify);
}

test('the first version has the bug that the story is about', async () => {
  expect(await slugs(FIRST_SOURCE)).not.toContain('leave-the-light-on');
});

test('the repaired version does what was answered about accents', async () => {
  expect(await Promise.all(ACCENTS.map((accents) => slugs(repairedSource(accents))))).toEqual([
    ['leave-the-light-on', 'who-is-there', 'cafe'],
    ['leave-the-light-on', 'who-is-there', 'café'],
    ['leave-the-light-on', 'who-is-there', 'caf'],
  ]);
});

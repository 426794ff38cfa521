import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemTimers } from '../../../src/connection/timers.ts';
import { JournalFiles } from '../../../src/holder/journal-files.ts';
import type { JournalEntry } from '../../../src/holder/journal.ts';
import { hasPowerJournal } from '../../../src/local/power-journal.ts';

let folder = '';
let damaged: string[] = [];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'journal-')), 'power');
  damaged = [];
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

const journalOf = (pid: number, isAlive = true): JournalFiles =>
  new JournalFiles({
    folder,
    me: async () => ({ pid, startedAt: '1' }),
    isAlive: async () => isAlive,
    timers: systemTimers,
    onDamaged: (file) => void damaged.push(file),
  });
const entryOf = (id: string): JournalEntry => ({
  version: 1,
  id,
  before: '1',
  ours: '0',
  phase: 'changed',
  claims: [{ home: 'a', pid: 1, startedAt: '1' }],
});
const files = (): string[] => readdirSync(folder).filter((name) => name !== 'locks');

it('keeps an entry until it is removed, private to this user', async () => {
  const journal = journalOf(1);
  const none = [journal.ids(), hasPowerJournal(folder)];
  await journal.withEntry('lid', async (cell) => cell.write(entryOf('lid')));
  const [file = ''] = files();
  const kept = {
    ids: journalOf(2).ids(),
    has: hasPowerJournal(folder),
    mode: (statSync(join(folder, file)).mode & 0o777).toString(8),
    entry: await journalOf(2, false).withEntry('lid', async (cell) => cell.read()),
  };
  await journal.withEntry('lid', async (cell) => cell.remove());
  expect({ none, kept, files: files(), has: hasPowerJournal(folder) }).toEqual({
    none: [[], false],
    kept: { ids: ['lid'], has: true, mode: '600', entry: entryOf('lid') },
    files: [],
    has: false,
  });
});

it('keeps aside what is damaged or another’s, says so, and guesses nothing', async () => {
  const journal = journalOf(1);
  for (const id of ['cut', 'newer', 'copied', 'sound'])
    await journal.withEntry(id, async (cell) => cell.write(entryOf(id)));
  for (const name of files()) {
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    if (text.includes('"cut"')) writeFileSync(file, text.slice(0, 20));
    if (text.includes('"newer"')) writeFileSync(file, text.replace('"version":1', '"version":2'));
    if (text.includes('"copied"')) writeFileSync(file, text.replace('"copied"', '"sound"'));
  }
  expect({
    ids: journal.ids(),
    asked: await journal.withEntry('cut', async (cell) => cell.read()),
    damaged: damaged.length,
    aside: files().filter((name) => name.endsWith('.damaged')).length,
  }).toEqual({ ids: ['sound'], asked: null, damaged: 3, aside: 3 });
});

it('is had by one at a time: within a process, and among processes that live', async () => {
  const [one, two] = [journalOf(1), journalOf(2)];
  const seen: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    seen.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push(`${name} ends`);
  };
  await Promise.all([
    one.withEntry('lid', work('a')),
    one.withEntry('lid', work('b')),
    two.withEntry('lid', work('c')),
    two.withEntry('lid', work('d')),
  ]);
  expect(
    seen.map((word, index) => [word.split(' ')[0] === seen[index ^ 1]?.split(' ')[0]]),
  ).toEqual(Array.from({ length: 8 }, () => [true]));
});

it('is given up after 10 s when another that lives does not let go, and one setting waits for no other', async () => {
  let nowMs = 0;
  const quick = new JournalFiles({
    folder,
    me: async () => ({ pid: 2, startedAt: '1' }),
    isAlive: async () => true,
    timers: {
      nowMs: () => nowMs,
      after: (delayMs, run) => {
        nowMs += delayMs;
        setImmediate(run);
        return () => {};
      },
    },
    onDamaged: () => {},
  });
  let letGo = (): void => {};
  const hung = journalOf(1).withEntry(
    'lid',
    async () => await new Promise<void>((resolve) => (letGo = resolve)),
  );
  await journalOf(1).withEntry('another', async () => {});
  await expect(quick.withEntry('lid', async () => {})).rejects.toThrow(
    'Another Porchlight on this machine (process 1) has been changing the same setting for 10 s: lid',
  );
  letGo();
  await hung;
});

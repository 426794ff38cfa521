import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { acquireLock, releaseLock, type ProcessKey } from '../../../src/local/process-lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const key = (pid: number, startedAt = '1'): ProcessKey => ({ pid, startedAt });
const alive = async (): Promise<boolean> => true;
const dead = async (): Promise<boolean> => false;

it('is held by the first and refused to the second, which is told by whom', async () => {
  expect([
    await acquireLock(folder, key(10), alive),
    await acquireLock(folder, key(11), alive),
  ]).toEqual([{ held: true }, { held: false, by: key(10) }]);
});

it('passes on when its holder is gone', async () => {
  await acquireLock(folder, key(10), alive);
  expect([
    await acquireLock(folder, key(11), dead),
    await acquireLock(folder, key(12), alive),
  ]).toEqual([{ held: true }, { held: false, by: key(11) }]);
  expect(readdirSync(folder)).toEqual(['lock-00000002']);
});

it('has one holder of many that contend for a dead one’s, however their looks are interleaved', async () => {
  for (let round = 0; round < 50; round++) {
    await acquireLock(folder, key(1), dead);
    const isAlive = async (of: ProcessKey): Promise<boolean> => {
      for (let wait = (of.pid * 7 + round) % 5; wait >= 0; wait--) await Promise.resolve();
      return of.pid !== 1;
    };
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) => acquireLock(folder, key(10 + index), isAlive)),
    );
    expect(results.filter(({ held }) => held).length).toBe(1);
  }
});

it('is taken from a file that says nothing', async () => {
  writeFileSync(join(folder, 'lock-00000007'), '{');
  expect(await acquireLock(folder, key(10), alive)).toEqual({ held: true });
  expect(readdirSync(folder)).toEqual(['lock-00000008']);
});

it('that was let go is taken again while who had it lives on', async () => {
  const results: unknown[] = [await acquireLock(folder, key(10), alive)];
  releaseLock(folder, key(10));
  results.push(await acquireLock(folder, key(11), alive));
  // Not its own any more: nothing happens.
  releaseLock(folder, key(10));
  results.push(await acquireLock(folder, key(10), alive));
  expect({ results, files: readdirSync(folder) }).toEqual({
    results: [{ held: true }, { held: true }, { held: false, by: key(11) }],
    files: ['lock-00000002'],
  });
});

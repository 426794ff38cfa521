import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeLock } from '../../../build/lock-file.mjs';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, 'lock');
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('the build lock', () => {
  it('lets one in at a time', async () => {
    const order: string[] = [];
    const turn = async (name: string) => {
      const release = await takeLock(path, { what: 'builds' });
      order.push(`${name} in`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} out`);
      release();
    };
    await Promise.all([turn('a'), turn('b'), turn('c')]);
    expect(order.filter((_, index) => index % 2 === 0).map((line) => line.slice(0, 1))).toEqual(
      order.filter((_, index) => index % 2 === 1).map((line) => line.slice(0, 1)),
    );
    expect(existsSync(path)).toBe(false);
  });

  it('is taken from an owner that is dead', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(path, `${pid} 0 x\n`);
    const release = await takeLock(path, { what: 'builds', limitMs: 1_000 });
    expect(Number.parseInt(readFileSync(path, 'utf8'), 10)).toBe(process.pid);
    release();
  });

  it('is taken when it is empty or damaged', async () => {
    writeFileSync(path, '');
    (await takeLock(path, { what: 'builds', limitMs: 1_000 }))();
    expect(existsSync(path)).toBe(false);
  });

  it('names the owner when it waits, and what to do when it gives up', async () => {
    writeFileSync(path, `${process.ppid} 0 x\n`);
    const said: string[] = [];
    const log = (line: string) => said.push(line);
    await expect(takeLock(path, { what: 'is building', limitMs: 100, log })).rejects.toThrow(
      /end it, or delete the file/,
    );
    expect(said).toEqual([`waiting for process ${process.ppid}, which is building`]);
  });
});

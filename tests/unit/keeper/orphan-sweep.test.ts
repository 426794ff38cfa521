import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../src/base/log.ts';
import { OrphanSweep } from '../../../src/keeper/orphan-sweep.ts';
import type { ProcessRow, ProcessTree } from '../../../src/keeper/process-tree.ts';
import { Reaper } from '../../../src/keeper/reaper.ts';
import { RunningRecord } from '../../../src/keeper/record.ts';

let folder: string;
let rows: ProcessRow[];
let lists: number;
/** Pids that SIGKILL does not reach yet. */
let stuck: Set<number>;

const OWN = 'this-home';
const row = (pid: number, more: Partial<ProcessRow> = {}): ProcessRow => ({
  pid,
  startedAt: 't',
  parent: 1,
  group: pid,
  mark: 'i_gone',
  owner: OWN,
  ...more,
});
const tree: ProcessTree = {
  boot: 'boot',
  hasGroups: true,
  lookEveryMs: 1_000_000,
  list: async () => {
    lists += 1;
    return [...rows];
  },
  look: async () => ({ appeared: [], pids: new Set(rows.map(({ pid }) => pid)) }),
  find: async () => null,
  askToEnd: () => {},
  end: ({ pid }) => {
    if (!stuck.has(pid)) rows = rows.filter((each) => each.pid !== pid);
  },
};

beforeEach(() => {
  vi.useFakeTimers();
  folder = mkdtempSync(join(tmpdir(), 'sweep-'));
  rows = [];
  lists = 0;
  stuck = new Set();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const makeReaper = (): Reaper =>
  new Reaper({ tree, record: new RunningRecord(folder), log: silentLogger, owner: OWN });
const pids = (): number[] => rows.map(({ pid }) => pid);

it('ends what bears the mark of this home and of no agent that runs, and nothing else', async () => {
  const reaper = makeReaper();
  reaper.announce('i_runs');
  rows = [
    row(10),
    row(11, { parent: 10, mark: null, owner: null }),
    row(20, { mark: 'i_runs' }),
    row(30, { owner: 'another-home' }),
    row(40, { mark: 'i_of-an-older-keeper', owner: null }),
    row(50, { mark: null, owner: null }),
    row(process.pid),
  ];
  const ended = reaper.endOrphans();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await ended).toBe(true);
  expect([pids(), await reaper.endOrphans()]).toEqual([[20, 30, 40, 50, process.pid], false]);
});

it('tries again a minute later with what outlived SIGKILL, and remembers it on disk meanwhile', async () => {
  const reaper = makeReaper();
  const sweep = new OrphanSweep(reaper, silentLogger);
  rows = [row(10, { mark: null, owner: null, group: 10 })];
  stuck.add(10);
  reaper.announce('i_stuck');
  reaper.started('i_stuck', 10);
  reaper.rootExited('i_stuck');
  sweep.arm();
  const reaped = reaper.reap('i_stuck', 10, 2_000);
  await vi.advanceTimersByTimeAsync(10_000);
  await reaped;
  reaper.drop('i_stuck');
  const record = JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as object;
  expect([pids(), record]).toEqual([
    [10],
    { boot: 'boot', host: null, instances: { i_stuck: [{ pid: 10, startedAt: 't' }] } },
  ]);
  stuck.clear();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(pids()).toEqual([]);
});

it('sweeps each minute while agents run and once after, then never looks again', async () => {
  const reaper = makeReaper();
  const sweep = new OrphanSweep(reaper, silentLogger);
  reaper.announce('i_one');
  sweep.arm();
  sweep.arm();
  await vi.advanceTimersByTimeAsync(180_000);
  const whileRunning = lists;
  reaper.drop('i_one');
  await vi.advanceTimersByTimeAsync(60_000);
  const after = lists;
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect([whileRunning, after, lists, vi.getTimerCount()]).toEqual([3, 4, 4, 0]);
});

it('goes on after a look that failed, and not after the end', async () => {
  let looks = 0;
  const sweep = new OrphanSweep(
    {
      mayLeaveOrphans: false,
      endOrphans: async () => {
        looks += 1;
        throw new Error('no /proc');
      },
    },
    silentLogger,
  );
  sweep.arm();
  await vi.advanceTimersByTimeAsync(120_000);
  sweep.stop();
  sweep.arm();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(looks).toBe(2);
});

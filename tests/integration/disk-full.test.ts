import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SessionEvent } from '../../src/protocol/session/events.ts';
import { eventually, HostUnderTest, isAlive } from './support/host-under-test.ts';

const LIMIT_MS = 50_000;

/** A small file system of its own under the home, where this machine lets us mount one. */
function mounted(folder: string): boolean {
  return (
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=700', 'tmpfs', folder]).status === 0
  );
}

let host: HostUnderTest;
let isMounted: boolean;

beforeEach(() => {
  host = new HostUnderTest();
  isMounted = mounted(host.home.root);
  host.writeConfig({ limits: { freeDiskMb: 0 } });
});
afterEach(async () => {
  makeRoom();
  try {
    const client = await host.connect();
    const { pid, keeperPid } = await client.call('host.status', {});
    await client.call('host.stop', { all: true });
    await eventually(async () => (isAlive(pid) || isAlive(keeperPid) ? null : true));
  } finally {
    if (isMounted) spawnSync('umount', ['-l', host.home.root]);
    rmSync(host.folder, { recursive: true, force: true });
  }
});

const ballast = (): string => join(host.home.root, 'ballast');

/** Leaves not one byte. */
function fill(): void {
  const fd = openSync(ballast(), 'a');
  try {
    for (const bytes of [64 * 1024, 4_096, 1])
      for (let full = false; !full;) {
        try {
          full = writeSync(fd, Buffer.alloc(bytes)) === 0;
        } catch {
          full = true;
        }
      }
  } finally {
    closeSync(fd);
  }
  expect(statfsSync(host.home.root).bavail).toBe(0);
}

/** The keeper's memory for one agent is full: it has tried to begin a file. */
function isSpoolWanted(): boolean {
  return readdirSync(host.home.keeperState).some((name) => name.startsWith('spool-'));
}

function makeRoom(): void {
  rmSync(ballast(), { force: true });
}

function numbersOf(events: readonly SessionEvent[]): number[] {
  const text = events
    .flatMap((event) => (event.type === 'agent.text' ? [event.text] : []))
    .join('');
  return [...text.matchAll(/\b(\d+)\b/gu)].map(([, digits]) => Number(digits));
}

test('a disk that fills in the middle of a turn pauses it and says why; with room it goes on, whole', async ({
  skip,
}) => {
  if (!isMounted) skip('this machine lets us mount no small file system');
  await host.connect();
  const id = await host.start('demo', 'SCRIPT:stream n=60000 rate=20000');
  await host.until(id, (state) => state.lastSeq > 500);
  fill();
  const { problems } = await eventually(async () => {
    const desk = await host.client.call('desk.follow', {});
    return desk.problems.some((problem) => problem.id === 'disk') ? desk : null;
  }, LIMIT_MS);
  expect(problems).toMatchObject([{ id: 'disk', message: expect.stringContaining('full') }]);
  // More comes than the keeper holds in memory, and its file has no room: it stops reading the pipe.
  // Reading goes on; what would have to be written is refused in words.
  const paused = await host.state(id);
  expect(paused.state).toBe('working');
  await expect(host.send(id, 'more')).rejects.toThrow(/full/u);
  const { pid } = await host.client.call('host.status', {});
  await eventually(async () => (isSpoolWanted() ? true : null), LIMIT_MS);
  makeRoom();
  await host.turnEnded(id, 1, LIMIT_MS);
  const after = await host.client.call('desk.follow', {});
  const events = await host.events(id);
  const numbers = numbersOf(events);
  expect({
    problems: after.problems,
    samePid: (await host.client.call('host.status', {})).pid === pid,
    outcome: (await host.state(id)).turn?.outcome,
    gapless: events.every(({ seq }, index) => seq === index + 1),
    eachOnce: new Set(numbers).size === numbers.length,
    count: numbers.length,
  }).toEqual({
    problems: [],
    samePid: true,
    outcome: 'completed',
    gapless: true,
    eachOnce: true,
    count: 60_000,
  });
});

test('a host that finds the disk full says so to whoever connects, and starts when there is room', async ({
  skip,
}) => {
  if (!isMounted) skip('this machine lets us mount no small file system');
  await host.connect();
  const id = await host.start('demo', 'SCRIPT:stream n=200 rate=2000');
  await host.turnEnded(id);
  const { pid } = await host.client.call('host.status', {});
  await host.client.call('host.stop', { all: false });
  await eventually(async () => (isAlive(pid) ? null : true));
  fill();
  const refused = await eventually(async () => {
    try {
      await host.connect();
      return null;
    } catch (error) {
      return String(error).includes('full') ? String(error) : null;
    }
  }, LIMIT_MS);
  expect(refused).toContain('Free some space');
  makeRoom();
  await eventually(async () => {
    try {
      await host.connect();
      return true;
    } catch {
      return null;
    }
  }, LIMIT_MS);
  expect(numbersOf(await host.events(id))).toHaveLength(200);
});

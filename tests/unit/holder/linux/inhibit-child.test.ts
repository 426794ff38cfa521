import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemTimers, type Timers } from '../../../../src/connection/timers.ts';
import { InhibitChild } from '../../../../src/holder/linux/inhibit-child.ts';
import { NotHeld } from '../../../../src/holder/platform.ts';

/** The time limits of the lock, a hundred times as fast. */
const hasty: Timers = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => systemTimers.after(delayMs / 100, run),
};

let folder = '';
let locks: InhibitChild[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-inhibit-'));
  locks = [];
});
afterEach(async () => {
  await Promise.all(locks.map(async (lock) => await lock.letGo()));
  rmSync(folder, { recursive: true, force: true });
});

/** A lock whose tool does this instead. */
function lockBy(script: string | null, timers: Timers = systemTimers): InhibitChild {
  const tool = join(folder, 'systemd-inhibit');
  if (script !== null) {
    writeFileSync(tool, `#!/bin/sh\n${script}\n`);
    chmodSync(tool, 0o755);
  }
  const lock = new InhibitChild({
    what: 'idle',
    mode: 'block',
    env: { PATH: process.env.PATH },
    timers,
    refused: async (said) => new NotHeld(`refused: ${said}`, 'a fix'),
    tools: [tool],
  });
  locks.push(lock);
  return lock;
}

/** As the real one: the last word is the program that it runs. */
const HOLDS = 'exec cat';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  const until = Date.now() + 5_000;
  while (isAlive(pid)) {
    if (Date.now() > until) throw new Error(`${pid} still runs`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const pidOf = (lock: InhibitChild): number => lock.pid ?? -1;

describe('a lock held by a child', () => {
  test('is held when what it runs answers, and is let go with it', async () => {
    const lock = lockBy(HOLDS);
    expect(lock.pid).toBeNull();
    await Promise.all([lock.take('x'), lock.take('x')]);
    const pid = pidOf(lock);
    await lock.take('x');
    expect([isAlive(pid), lock.pid]).toEqual([true, pid]);
    await Promise.all([lock.letGo(), lock.letGo()]);
    expect([isAlive(pid), lock.pid]).toEqual([false, null]);
    await lock.letGo();
  });

  test('tells once that somebody ended it, and can be taken again', async () => {
    const lock = lockBy(HOLDS);
    let lost = 0;
    const told = new Promise<void>((resolve) =>
      lock.onLost(() => {
        lost += 1;
        resolve();
      }),
    );
    await lock.take('x');
    const pid = pidOf(lock);
    process.kill(pid, 'SIGKILL');
    await told;
    expect(lock.pid).toBeNull();
    await lock.take('x');
    expect(pidOf(lock)).not.toBe(pid);
    await lock.letGo();
    expect(lost).toBe(1);
  });

  test.each([
    [
      'says no',
      'echo "Failed to inhibit: Access denied" >&2; exit 1',
      'refused: Failed to inhibit: Access denied',
    ],
    ['ends without a word', 'exit 0', 'refused: '],
    [
      'answers in another language',
      'echo "Verweigert: Zugriff" >&2; exit 77',
      'refused: Verweigert: Zugriff',
    ],
    ['is killed', 'kill -9 $$', 'refused: '],
    ['cannot be run', null, 'systemd-inhibit is not installed, so nothing of systemd can be held.'],
  ])('is not held, and not lost, when the tool %s', async (_name, script, message) => {
    const lock = lockBy(script);
    lock.onLost(() => {
      throw new Error('told of a loss');
    });
    await expect(lock.take('x')).rejects.toThrow(message);
    expect(lock.pid).toBeNull();
  });

  test('is given up when the tool hangs, and nothing of it is left', async () => {
    const file = join(folder, 'pid');
    // It does not mind that it is asked to end.
    const lock = lockBy(`trap '' TERM; echo $$ > ${file}; while :; do sleep 0.01; done`, hasty);
    await expect(lock.take('x')).rejects.toThrow('did not answer within 9 s');
    const { readFileSync } = await import('node:fs');
    await gone(Number(readFileSync(file, 'utf8')));
  });

  test('that is let go while it is taken is not held, whatever comes, and can be taken anew', async () => {
    const lock = lockBy(`sleep 0.2; ${HOLDS}`);
    const taking = lock.take('x');
    const letGo = lock.letGo();
    const anew = lock.take('x');
    await expect(taking).rejects.toThrow('let go while it was taken');
    await letGo;
    await anew;
    expect(isAlive(pidOf(lock))).toBe(true);
  });

  test('with a flood of words from its tool keeps only the first', async () => {
    const lock = lockBy('yes no | head -c 300000 >&2; exit 1');
    const error: unknown = await lock.take('x').catch((thrown: unknown) => thrown);
    expect(String(error).length).toBeLessThan(200_000);
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import { systemTimers } from '../../../src/connection/timers.ts';
import { linuxPlatform, type LinuxDeps } from '../../../src/holder/platform-here.linux.ts';
import type { Lock, Platform } from '../../../src/holder/platform.ts';
import { RealLogind, whyNoLogind } from '../../support/real-logind.ts';
import { TestBuses } from '../../support/test-bus.ts';

const noLogind = whyNoLogind();

let buses: TestBuses | null = null;
let held: Lock[] = [];
afterEach(async () => {
  await letGo();
  held = [];
  await buses?.stop();
  buses = null;
});

function platformOn(on: TestBuses, more: Partial<LinuxDeps> = {}): Platform {
  return linuxPlatform({
    env: { PATH: process.env.PATH, ...on.env, XDG_STATE_HOME: on.folder, HOME: on.folder },
    timers: systemTimers,
    uid: 0,
    root: on.folder,
    run: async () => await Promise.reject(new Error('no tool in this test')),
    user: 'root',
    ...more,
  });
}

const IN_EFFECT = { effective: true, reason: null, fix: null };
const notIn = (reason: string): object => ({ effective: false, reason, fix: null });

/** What Porchlight holds: what and how, sorted. */
async function listed(logind: RealLogind): Promise<readonly (readonly [string, string])[]> {
  return (await logind.inhibitors())
    .filter(({ who }) => who === 'Porchlight')
    .map(({ what, mode }) => [what.join(':'), mode] as const)
    .toSorted(([a], [b]) => a.localeCompare(b));
}

async function letGo(): Promise<void> {
  await Promise.all(held.map(async (lock) => await lock.letGo()));
}

async function take(locks: readonly Lock[]): Promise<void> {
  held.push(...locks);
  await Promise.all(locks.map(async (lock) => await lock.take('1 session is working')));
}

describe.skipIf(noLogind !== null)('on a real logind', () => {
  test('idle and lid are held, read back as in effect, and gone when let go', async () => {
    buses = await TestBuses.start();
    const logind = await RealLogind.start(buses);
    const platform = platformOn(buses);
    await take([...(await platform.idleLocks()), ...(await platform.lidLocks())]);
    expect({
      effects: await platform.effects(),
      listed: await listed(logind),
      block: await logind.property('BlockInhibited'),
    }).toEqual({
      effects: { idle: IN_EFFECT, lid: { ...IN_EFFECT, setUp: null } },
      listed: [
        ['handle-lid-switch', 'block'],
        ['idle', 'block'],
      ],
      // Not `sleep`: the user's own Suspend works.
      block: 'idle:handle-lid-switch',
    });
    await letGo();
    await logind.untilInhibitors('empty list', (list) => list.length === 0, 2_000);
    expect(await platform.effects()).toEqual({
      idle: notIn('The lock of systemd-logind against idle sleep is not held.'),
      lid: { ...notIn('The lock on the lid is not held.'), setUp: null },
    });
  });
});

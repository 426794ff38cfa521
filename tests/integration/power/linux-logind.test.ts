import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { NotHeld } from '../../../src/holder/platform.ts';
import { mockGnomeSession, whyNoDbusmock } from '../../support/dbusmock.ts';
import { RealLogind, SOMEBODY, whyNoLogind } from '../../support/real-logind.ts';
import type { TestBuses } from '../../support/test-bus.ts';
import { IN_EFFECT, LinuxRig, names } from './support/linux-rig.ts';

const noLogind = whyNoLogind();
const noMock = whyNoDbusmock();
/** Is on every system, with a name. */
const DAEMON = { user: 'daemon', uid: 1 };

const rig = new LinuxRig();
afterEach(async () => {
  await rig.stop();
});

const notIn = (reason: string): object => ({ effective: false, reason, fix: null });

/** What Porchlight holds: what and how, sorted. */
async function listed(logind: RealLogind): Promise<readonly (readonly [string, string])[]> {
  return (await logind.inhibitors())
    .filter(({ who }) => who === 'Porchlight')
    .map(({ what, mode }) => [what.join(':'), mode] as const)
    .toSorted(([a], [b]) => a.localeCompare(b));
}

describe.skipIf(noLogind !== null)('on a real logind', () => {
  test('idle and lid are held, read back as in effect, and gone when let go; Suspend is not held', async () => {
    const on = await rig.start();
    const logind = await RealLogind.start(on);
    const platform = rig.platform(on);
    await rig.take([...(await platform.idleLocks()), ...(await platform.lidLocks())]);
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
    await rig.letGo();
    await logind.untilInhibitors('empty list', (list) => list.length === 0, 2_000);
    expect(await platform.effects()).toEqual({
      idle: notIn('The lock of systemd-logind against idle sleep is not held.'),
      lid: { ...notIn('The lock on the lid is not held.'), setUp: null },
    });
  });

  test('a lock of ours that somebody ends is told as lost, and logind that restarts as a change', async () => {
    const on = await rig.start();
    const logind = await RealLogind.start(on);
    const platform = rig.platform(on);
    const { events, until } = rig.told(platform);
    const [idle] = await platform.idleLocks();
    if (idle === undefined) throw new Error('no lock');
    const lost = new Promise<void>((resolve) => idle.onLost(resolve));
    await rig.take([idle]);
    await until('changed');
    const [inhibitor] = await logind.inhibitors();
    process.kill(inhibitor?.pid ?? 0, 'SIGKILL');
    await lost;
    await logind.untilInhibitors('empty list', (list) => list.length === 0, 2_000);
    await rig.take([idle]);
    events.length = 0;
    await logind.restart();
    await until('changed');
    // Its list is empty, whatever our child believes.
    expect((await platform.effects()).idle.effective).toBe(false);
  });

  test('a sleep is delayed beside what is blocked, and not blocked', async () => {
    const on = await rig.start();
    const logind = await RealLogind.start(on);
    const { delay } = rig.platform(on);
    if (delay === null) throw new Error('no delay');
    await rig.take([delay]);
    expect([await listed(logind), await logind.property('DelayInhibited')]).toEqual([
      [['sleep', 'delay']],
      'sleep',
    ]);
  });

  /** Its tool asks as somebody who is nowhere logged in. */
  function asSomebody(on: TestBuses, uid = SOMEBODY): NodeJS.ProcessEnv {
    const folder = join(on.folder, 'bin');
    mkdirSync(folder);
    const tool = join(folder, 'systemd-inhibit');
    writeFileSync(
      tool,
      `#!/bin/sh\nexec setpriv --reuid=${uid} --regid=${uid} --clear-groups /usr/bin/systemd-inhibit "$@"\n`,
    );
    chmodSync(tool, 0o755);
    return { PATH: `${folder}:${process.env.PATH}` };
  }

  test('polkit refuses the lid to who is not at the screen, with the reason and the fix, and not idleness', async () => {
    const on = await rig.start();
    const logind = await RealLogind.start(on, { polkit: true });
    const platform = rig.platform(on, asSomebody(on));
    await rig.take(await platform.idleLocks());
    const [lid] = await platform.lidLocks();
    const error: unknown = await lid?.take('x').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NotHeld);
    expect([
      error instanceof NotHeld && [error.message, error.fix],
      await listed(logind),
      (await platform.effects()).lid.effective,
    ]).toEqual([
      [
        'This system lets only users who are logged in at its screen hold the lid, and anna is not.',
        'Start Porchlight from the desktop of this machine, or have an administrator put the rule from docs/power.md into /etc/polkit-1/rules.d/50-porchlight.rules for the user anna.',
      ],
      [['idle', 'block']],
      false,
    ]);
  });

  test('the rule that the documentation has lets this user hold the lid', async () => {
    const on = await rig.start();
    const documented = readFileSync(
      join(import.meta.dirname, '..', '..', '..', 'docs', 'power.md'),
      'utf8',
    );
    const rule = /```js\n(?<rule>polkit\.addRule[\s\S]+?)```/u.exec(documented)?.groups?.rule ?? '';
    expect(rule).toContain("'you'");
    const logind = await RealLogind.start(on, {
      polkit: true,
      polkitRule: rule.replace("'you'", `'${DAEMON.user}'`),
    });
    const platform = rig.platform(on, asSomebody(on, DAEMON.uid));
    await rig.take(await platform.lidLocks());
    expect(await listed(logind)).toEqual([['handle-lid-switch', 'block']]);
  });

  test('Suspend that the system does not do is told as such', async () => {
    const on = await rig.start();
    await RealLogind.start(on);
    await expect(rig.platform(on).sleepNow()).rejects.toThrow(/Suspend/u);
  });

  test.skipIf(noMock !== null)(
    'on GNOME its session is asked as well, and only that counts',
    async () => {
      const on = await rig.start();
      await RealLogind.start(on);
      const gnome = await mockGnomeSession(on);
      const platform = rig.platform(on);
      const { until } = rig.told(platform);
      const locks = await platform.idleLocks();
      await rig.take(locks.filter(({ name }) => name.startsWith('systemd')));
      const onlyListed = await platform.effects();
      await rig.take(locks);
      const asked = await platform.effects();
      const session = locks[1];
      if (session === undefined) throw new Error('no lock on GNOME');
      const lost = new Promise<void>((resolve) => session.onLost(resolve));
      const calls = (await gnome.calls()).filter(([name]) => name === 'Inhibit');
      await gnome.end();
      await lost;
      await until('changed');
      expect({
        names: names(locks),
        onlyListed: onlyListed.idle.effective,
        asked: asked.idle,
        calls,
        // Nobody is left who would sleep for idleness but logind.
        without: (await platform.effects()).idle.effective,
        locksWithout: names(await platform.idleLocks()),
      }).toEqual({
        names: ['systemd-inhibit idle block', 'org.gnome.SessionManager suspend'],
        onlyListed: false,
        asked: IN_EFFECT,
        calls: [['Inhibit', 'Porchlight', 0, '1 session is working', 4]],
        without: true,
        locksWithout: ['systemd-inhibit idle block'],
      });
    },
  );

  test.skipIf(noMock !== null)('a desktop that hangs does not keep logind waiting', async () => {
    const on = await rig.start();
    const logind = await RealLogind.start(on);
    on.stopBus('session', 'SIGSTOP');
    const platform = rig.platform(on);
    const beganMs = performance.now();
    await rig.take(await platform.idleLocks());
    const tookMs = performance.now() - beganMs;
    const list = await listed(logind);
    on.stopBus('session', 'SIGCONT');
    expect({ list, isQuick: tookMs < 1_000 }).toEqual({ list: [['idle', 'block']], isQuick: true });
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  mockLogind,
  mockPowerManagement,
  mockUpower,
  prepareForSleep,
  setBattery,
  setLid,
  whyNoDbusmock,
} from '../../support/dbusmock.ts';
import { eventually } from '../../support/test-bus.ts';
import { LinuxRig, names } from './support/linux-rig.ts';

const noMock = whyNoDbusmock();

const rig = new LinuxRig();
afterEach(async () => {
  await rig.stop();
});

describe.skipIf(noMock !== null)('with stand-ins', () => {
  test('a sleep and a wake are told once each, also when they are said twice', async () => {
    const on = await rig.start();
    const logind = await mockLogind(on);
    const platform = rig.platform(on);
    const { events, until } = rig.told(platform);
    // Until it listens.
    await platform.effects();
    for (const start of [true, true, false, false, true, false])
      await prepareForSleep(logind, start);
    await eventually(
      'two wakes',
      async () => events.filter((event) => event === 'woke').length === 2,
    );
    await prepareForSleep(logind, true);
    await eventually(
      'a third',
      async () => events.filter((event) => event === 'sleeping').length === 3,
    );
    // It dies asleep: whoever runs is awake.
    await logind.end();
    await eventually('a wake', async () => events.filter((event) => event === 'woke').length === 3);
    await until('changed');
    expect(events.filter((event) => event === 'sleeping' || event === 'woke')).toEqual([
      'sleeping',
      'woke',
      'sleeping',
      'woke',
      'sleeping',
      'woke',
    ]);
  });

  test('battery and lid are told as they change, and read from /sys where UPower is gone', async () => {
    const on = await rig.start();
    const upower = await mockUpower(on, { percent: 80 });
    const platform = rig.platform(on);
    const { until } = rig.told(platform);
    const before = await platform.sensors();
    await setBattery(upower, { percent: 15.4, onBattery: true });
    await setLid(upower, { closed: true });
    await until('{"battery":{"percent":15,"onMains":false},"heat":null,"lidClosed":true');
    const file = (name: string, text: string): void => {
      mkdirSync(dirname(join(on.folder, name)), { recursive: true });
      writeFileSync(join(on.folder, name), `${text}\n`);
    };
    file('sys/class/power_supply/BAT0/type', 'Battery');
    file('sys/class/power_supply/BAT0/capacity', '70');
    file('sys/class/power_supply/BAT0/status', 'Charging');
    file('sys/class/drm/card0-HDMI-A-1/status', 'connected');
    file('proc/acpi/button/lid/LID/state', 'state: open');
    await upower.end();
    await until(
      '{"battery":{"percent":70,"onMains":true},"heat":null,"lidClosed":false,"externalDisplay":true}',
    );
    expect(before).toEqual({
      battery: { percent: 80, onMains: true },
      heat: null,
      lidClosed: false,
      externalDisplay: null,
    });
  });

  test('a desktop machine has no battery and no lid', async () => {
    const on = await rig.start();
    await mockUpower(on, { percent: null });
    expect(await rig.platform(on).sensors()).toEqual({
      battery: null,
      heat: null,
      lidClosed: null,
      externalDisplay: null,
    });
  });

  test("Xfce's power manager is asked, and told when it is over", async () => {
    const on = await rig.start();
    const manager = await mockPowerManagement(on);
    const platform = rig.platform(on);
    const locks = await platform.idleLocks();
    await rig.take(locks.filter(({ name }) => !name.startsWith('systemd')));
    await rig.letGo();
    await rig.letGo();
    expect([
      names(locks),
      (await manager.calls()).filter(([name]) => name !== 'HasInhibit'),
    ]).toEqual([
      ['systemd-inhibit idle block', 'org.freedesktop.PowerManagement suspend'],
      [
        ['Inhibit', 'Porchlight', '1 session is working'],
        ['UnInhibit', 1],
      ],
    ]);
  });
});

describe('where there is nothing to hold with', () => {
  test.each([
    ['wsl', { WSL_DISTRO_NAME: 'Debian' }, 'Run Porchlight on Windows itself.'],
    [
      'a container',
      { container: 'lxc', DBUS_SYSTEM_BUS_ADDRESS: undefined },
      'Run Porchlight on the machine itself.',
    ],
  ])('%s says so, holds nothing, and sleeps nobody', async (_name, env, fix) => {
    const on = await rig.start();
    const platform = rig.platform(on, env);
    const { idle, lid } = await platform.effects();
    expect([
      await platform.idleLocks(),
      await platform.lidLocks(),
      await platform.lidSettings(),
      platform.delay,
      idle.fix,
      lid.effective,
      lid.setUp,
    ]).toEqual([[], [], [], null, fix, false, null]);
    await expect(platform.sleepNow()).rejects.toThrow(/decides when the machine sleeps/u);
  });

  test('a system without buses and without tools is told as such, and nothing throws', async () => {
    const on = await rig.start();
    const platform = rig.platform(on, {
      PATH: on.folder,
      DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nowhere',
      DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
    });
    const [idle] = await platform.idleLocks();
    await expect(idle?.take('x')).rejects.toThrow('systemd-inhibit is not installed');
    const { events } = rig.told(platform);
    expect([
      await platform.effects(),
      await platform.sensors(),
      await platform.setUp(true),
      events,
    ]).toEqual([
      {
        idle: expect.objectContaining({ effective: null }),
        lid: expect.objectContaining({ effective: null, setUp: null }),
      },
      { battery: null, heat: null, lidClosed: null, externalDisplay: null },
      expect.any(String),
      [],
    ]);
  });
});

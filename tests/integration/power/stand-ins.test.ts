import { afterEach, describe, expect, test } from 'vitest';
import {
  GNOME_SESSION,
  LOGIN,
  mockGnomeSession,
  mockLogind,
  mockUpower,
  prepareForSleep,
  setBattery,
  setLid,
  whyNoDbusmock,
} from '../../support/dbusmock.ts';
import { RealLogind, SOMEBODY, whyNoLogind } from '../../support/real-logind.ts';
import { ended, TestBuses } from '../../support/test-bus.ts';

const noLogind = whyNoLogind();
const noMock = whyNoDbusmock();
for (const why of [noLogind, noMock])
  if (why !== null) process.stderr.write(`\nSKIPPED, tests of staying awake: ${why}\n\n`);

let buses: TestBuses | null = null;
const started = async (): Promise<TestBuses> => (buses = await TestBuses.start());
afterEach(async () => {
  await buses?.stop();
  buses = null;
});

const INHIBIT = ['--mode=block', '--who=test', '--why=because', 'cat'];

describe.skipIf(noLogind !== null)('a real logind on a bus of its own', () => {
  test('lists an inhibitor while its process lives, and loses all when it is restarted', async () => {
    const on = await started();
    const logind = await RealLogind.start(on);
    const holder = on.spawn('systemd-inhibit', ['--what=idle:handle-lid-switch', ...INHIBIT]);
    const [held] = await logind.untilInhibitors('inhibitor', (list) => list.length === 1);
    expect(held).toEqual({
      what: ['handle-lid-switch', 'idle'],
      who: 'test',
      why: 'because',
      mode: 'block',
      uid: 0,
      pid: holder.pid,
    });
    expect(await logind.property('BlockInhibited')).toBe('idle:handle-lid-switch');
    await ended(holder);
    await logind.untilInhibitors('empty list', (list) => list.length === 0);

    on.spawn('systemd-inhibit', ['--what=idle', ...INHIBIT]);
    await logind.untilInhibitors('inhibitor', (list) => list.length === 1);
    await logind.restart();
    expect(await logind.inhibitors()).toEqual([]);
  });

  test('with polkit lets somebody who is not logged in hold idle, and not the lid', async () => {
    const on = await started();
    const logind = await RealLogind.start(on, { polkit: true });
    const lid = on.spawn('systemd-inhibit', ['--what=handle-lid-switch', ...INHIBIT], {
      uid: SOMEBODY,
    });
    const code = await new Promise((resolve) => lid.once('exit', resolve));
    on.spawn('systemd-inhibit', ['--what=idle', ...INHIBIT], { uid: SOMEBODY });
    const [idle] = await logind.untilInhibitors('inhibitor', (list) => list.length === 1);
    expect({ code, what: idle?.what, uid: idle?.uid }).toEqual({
      code: 1,
      what: ['idle'],
      uid: SOMEBODY,
    });
  });
});

describe.skipIf(noMock !== null)('stand-ins for the system', () => {
  test('tell of sleep, battery, lid and what was called', async () => {
    const on = await started();
    const logind = await mockLogind(on);
    const upower = await mockUpower(on, { percent: 80 });
    await mockGnomeSession(on);
    await setBattery(upower, { percent: 15, onBattery: true });
    await setLid(upower, { closed: true });
    await prepareForSleep(logind, true);
    const inhibit = [GNOME_SESSION.name, GNOME_SESSION.path] as const;
    await on.client('system').call(LOGIN.name, LOGIN.path, [LOGIN.iface, 'Suspend'], 'b', [false]);
    const session = on.client('session');
    const [cookie] = await session.call(...inhibit, [GNOME_SESSION.iface, 'Inhibit'], 'susu', [
      'a',
      0,
      'b',
      4,
    ]);
    const inhibited = async (flags: number): Promise<unknown> =>
      (await session.call(...inhibit, [GNOME_SESSION.iface, 'IsInhibited'], 'u', [flags]))[0];
    expect({
      onBattery: await upower.property('OnBattery'),
      lid: await upower.property('LidIsClosed'),
      calls: await logind.calls(),
      cookie,
      suspend: await inhibited(4),
      idle: await inhibited(8),
    }).toEqual({
      onBattery: true,
      lid: true,
      calls: [['Suspend', false]],
      cookie: 1,
      suspend: true,
      idle: false,
    });
  });
});

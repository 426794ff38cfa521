import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Platform } from '../../../src/holder/platform.ts';
import {
  type Mock,
  mockKde,
  mockLogind,
  mockUpower,
  setLid,
  whyNoDbusmock,
} from '../../support/dbusmock.ts';
import type { TestBuses } from '../../support/test-bus.ts';
import { IN_EFFECT, LinuxRig, names } from './support/linux-rig.ts';

const noMock = whyNoDbusmock();

const rig = new LinuxRig();
afterEach(async () => {
  await rig.stop();
});

describe.skipIf(noMock !== null)('on KDE, by a stand-in', () => {
  const RC =
    '[AC][Display]\nDimDisplayWhenIdle=false\n\n[Battery][SuspendAndShutdown]\nLidAction=64\n';

  async function kde(
    lidAction: number,
  ): Promise<{ on: TestBuses; platform: Platform; power: Mock; rc: string; logind: Mock }> {
    const on = await rig.start();
    const logind = await mockLogind(on, { lidClosed: true });
    await logind.properties({ IdleAction: ['s', 'ignore'] }).catch(() => {});
    const { power } = await mockKde(on, { lidAction });
    const rc = join(on.folder, '.config', 'powerdevilrc');
    mkdirSync(dirname(rc));
    writeFileSync(rc, RC, { mode: 0o640 });
    return { on, platform: rig.platform(on), power, rc, logind };
  }

  test('the lid needs consent; with it the profiles that would sleep are changed and come back byte by byte', async () => {
    const { platform, power, rc } = await kde(1);
    const before = [await platform.effects(), await platform.lidSettings()] as const;
    const message = await platform.setUp(false);
    const settings = await platform.lidSettings();
    const old = await Promise.all(settings.map(async (setting) => await setting.read()));
    await Promise.all(settings.map(async (setting) => await setting.write(setting.ours)));
    const changed = readFileSync(rc, 'utf8');
    const during = names(await platform.idleLocks());
    await Promise.all(
      settings.map(async ({ id }, index) => {
        await platform.settingNamed(id)?.write(old[index] ?? null);
      }),
    );
    const refreshed = (await power.calls()).filter(([name]) => name === 'refreshStatus').length;
    expect({
      before: [before[0].lid.effective, before[0].lid.setUp, before[1].length],
      message: message.slice(0, 5),
      ids: settings.map(({ id }) => id.replace(dirname(rc), '')),
      labels: settings.map(({ label }) => label),
      old,
      changed,
      during,
      after: readFileSync(rc, 'utf8'),
      refreshed,
      setUp: (await platform.effects()).lid.setUp,
      undone: [await platform.setUp(true), (await platform.lidSettings()).length],
    }).toEqual({
      before: [false, 'needed', 0],
      message: 'Done:',
      ids: [
        'kde /powerdevilrc [AC][SuspendAndShutdown] LidAction',
        'kde /powerdevilrc [LowBattery][SuspendAndShutdown] LidAction',
      ],
      labels: [
        'What KDE does on mains when the lid is closed',
        'What KDE does on a low battery when the lid is closed',
      ],
      old: [null, null],
      changed: expect.stringContaining('[AC][SuspendAndShutdown]\nLidAction=32\n'),
      // logind's lock would keep the screen on.
      during: ['org.freedesktop.PowerManagement suspend'],
      after: RC,
      refreshed: 4,
      setUp: 'done',
      undone: ["Porchlight changes your desktop's lid setting no more.", 0],
    });
  });

  test('what PowerDevil itself says it does is what counts, not what the file says', async () => {
    const { platform, rc } = await kde(1);
    writeFileSync(rc, '[AC][SuspendAndShutdown]\nLidAction=32\n');
    expect((await platform.effects()).lid.effective).toBe(false);
  });

  test('that locks the screen stays awake', async () => {
    const { platform } = await kde(32);
    expect((await platform.effects()).lid).toEqual({ ...IN_EFFECT, setUp: 'needed' });
  });

  test('let go behind a closed lid it is put to sleep, as its own setting says', async () => {
    const { on, platform, logind } = await kde(1);
    const upower = await mockUpower(on, { percent: 50 });
    const suspends = async (): Promise<number> =>
      (await logind.calls()).filter(([name]) => name === 'Suspend').length;
    await platform.sleepIfLidClosed();
    const open = await suspends();
    await setLid(upower, { closed: true });
    await platform.sleepIfLidClosed();
    expect([open, await suspends()]).toEqual([0, 1]);
  });

  test.each([
    [
      'a folder that cannot be written',
      'kde /proc/powerdevilrc [AC][SuspendAndShutdown] LidAction',
    ],
  ])('%s is told with what to do', async (_name, id) => {
    const { platform } = await kde(1);
    await expect(platform.settingNamed(id)?.write('32')).rejects.toThrow(/could not be written/u);
  });

  test.each([
    'kde /home/x/.ssh/authorized_keys [AC][SuspendAndShutdown] LidAction',
    'kde powerdevilrc [AC][SuspendAndShutdown] LidAction',
    'kde /x/powerdevilrc [AC][SuspendAndShutdown] lidAction',
    'kde /x/powerdevilrc [Other][SuspendAndShutdown] LidAction',
    'kde /x/powerdevilrc [AC][Display] LidAction',
    'pmset disablesleep',
    '',
  ])('a journal that names "%s" changes nothing', async (id) => {
    const on = await rig.start();
    expect(rig.platform(on).settingNamed(id)).toBeNull();
  });

  test('Plasma 5 has another file, and another default', async () => {
    const on = await rig.start();
    await mockKde(on, { lidAction: 1 });
    const rc = join(on.folder, '.config', 'powermanagementprofilesrc');
    mkdirSync(dirname(rc));
    writeFileSync(rc, '[AC][HandleButtonEvents]\nlidAction=1\n\n[Battery]\nicon=x\n');
    const platform = rig.platform(on, { KDE_SESSION_VERSION: undefined });
    await platform.setUp(false);
    expect((await platform.lidSettings()).map(({ id }) => id.replace(dirname(rc), ''))).toEqual([
      'kde /powermanagementprofilesrc [AC][HandleButtonEvents] lidAction',
    ]);
  });
});

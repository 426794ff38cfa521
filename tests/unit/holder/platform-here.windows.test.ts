import { describe, expect, it } from 'vitest';
import { windowsPlatform } from '../../../src/holder/platform-here.windows.ts';
import type { PlatformEvents } from '../../../src/holder/platform.ts';
import { POWER_SCRIPT_ARGS } from '../../../src/holder/windows/power-script.ts';
import { FakeTimers } from '../../fakes/fake-timers.ts';
import { FakeWindows } from '../../fakes/power-tools/fake-windows.ts';
import { BALANCED, PERFORMANCE, REFUSED } from '../../fakes/power-tools/recorded-windows.ts';
import { failureOf, OFF, ON, takeAndLetGo, takeIdle } from './platform-stage.ts';

const STANDBY =
  'On battery, Windows ends this 5 minutes after the time at which the PC would have slept (Modern Standby).';
const POLICY_FIX =
  'Ask whoever manages this PC to leave "Select the lid switch action" to its users (Administrative Templates, System, Power Management, Button Settings).';

function windowsWith(change: Partial<FakeWindows> = {}) {
  const windows = Object.assign(new FakeWindows(), change);
  const platform = windowsPlatform(windows.tools());
  return {
    windows,
    platform,
    takeIdle: async () => await takeIdle(platform),
    setLid: async (value: string) => {
      for (const setting of await platform.lidSettings()) await setting.write(value);
    },
  };
}

describe('idle sleep on Windows', () => {
  it('is held by a request with a reason, and read back from what Windows counts', async () => {
    const { windows, platform, takeIdle } = windowsWith();
    expect((await platform.effects()).idle).toEqual(OFF);
    const lock = await takeIdle();
    await lock.take('again');
    expect({ effect: (await platform.effects()).idle, reason: windows.reason }).toEqual({
      effect: ON,
      reason: '2 sessions are working',
    });
    await lock.letGo();
    await lock.letGo();
    expect({ effect: (await platform.effects()).idle, held: windows.isIdleHeld }).toEqual({
      effect: OFF,
      held: false,
    });
    expect(windows.running).toHaveLength(1);
  });

  it('says on battery that Modern Standby ends it, and that it has', async () => {
    const { windows, platform, takeIdle } = windowsWith({ modernStandby: true, s3: false });
    await takeIdle();
    expect((await platform.effects()).idle).toEqual({
      effective: true,
      reason: STANDBY,
      fix: null,
    });
    windows.power = { mains: 1, flag: 8, percent: 71 };
    expect((await platform.effects()).idle).toEqual(ON);
  });

  it('is asked for again when a sleep has ended it', async () => {
    const { windows, platform, takeIdle } = windowsWith();
    await takeIdle();
    windows.countsRequests = false;
    expect((await platform.effects()).idle).toEqual(ON);
    expect(windows.asked.filter((verb) => ['hold', 'drop'].includes(verb))).toEqual([
      'hold',
      'drop',
      'hold',
    ]);
  });

  it('says what is in the way where no type may be compiled, and starts no second PowerShell for it', async () => {
    const { windows, platform } = windowsWith({ constrained: true });
    const [lock] = await platform.idleLocks();
    expect(await failureOf(lock!.take(''))).toEqual({
      message:
        'Windows was not asked to stay awake: PowerShell, which holds the machine awake, has ended (Cannot add type. Definition of new types is not supported in this language mode.).',
      fix: 'PowerShell must be allowed to compile a type: in constrained language mode, as some companies set it, Porchlight cannot keep this PC awake. Ask whoever manages it.',
    });
    await failureOf(lock!.take(''));
    expect(windows.running).toHaveLength(1);
  });

  it('is refused where there is no PowerShell', async () => {
    const { platform } = windowsWith({ noPowerShell: true });
    const [lock] = await platform.idleLocks();
    expect((await failureOf(lock!.take(''))).message).toContain('powershell.exe ENOENT');
  });

  it('is lost with the PowerShell, and can be taken again by the next', async () => {
    const { windows, takeIdle } = windowsWith();
    const lock = await takeIdle();
    let lost = 0;
    lock.onLost(() => (lost += 1));
    windows.killHolder();
    await Promise.resolve();
    expect({ lost, held: windows.isIdleHeld }).toEqual({ lost: 1, held: false });
  });

  it('that is let go while it is taken is not held afterwards', async () => {
    const { windows, platform } = windowsWith();
    await takeAndLetGo(platform);
    expect(windows.isIdleHeld).toBe(false);
  });
});

describe('the lid on Windows', () => {
  it('is held by both values of the active plan, and given back to each its own', async () => {
    const { windows, platform } = windowsWith({ language: 'german', active: PERFORMANCE });
    const settings = await platform.lidSettings();
    const before = await Promise.all(settings.map(async (setting) => await setting.read()));
    for (const setting of settings) await setting.write('0');
    const held = {
      plan: { ...windows.plans.get(PERFORMANCE) },
      effect: (await platform.effects()).lid,
    };
    for (const [index, setting] of settings.entries()) await setting.write(before[index] ?? null);
    expect({
      ids: settings.map(({ id }) => id),
      before,
      held,
      after: windows.plans.get(PERFORMANCE),
      other: windows.plans.get(BALANCED),
      effect: (await platform.effects()).lid,
    }).toEqual({
      ids: [`powercfg ${PERFORMANCE} LIDACTION ac`, `powercfg ${PERFORMANCE} LIDACTION dc`],
      before: ['1', '2'],
      held: { plan: { ac: 0, dc: 0 }, effect: { ...ON, setUp: null } },
      after: { ac: 1, dc: 2 },
      other: { ac: 1, dc: 1 },
      effect: { ...OFF, setUp: null },
    });
  });

  it('of a plan that is active no longer is set back without making it active again', async () => {
    const { windows, platform, setLid } = windowsWith();
    await setLid('0');
    windows.active = PERFORMANCE;
    expect((await platform.effects()).lid).toEqual({ ...OFF, setUp: null });
    for (const source of ['ac', 'dc'])
      await platform.settingNamed(`powercfg ${BALANCED} LIDACTION ${source}`)?.write('1');
    expect([windows.active, windows.plans.get(BALANCED)]).toEqual([PERFORMANCE, { ac: 1, dc: 1 }]);
    expect((await platform.lidSettings()).map(({ id }) => id)).toEqual([
      `powercfg ${PERFORMANCE} LIDACTION ac`,
      `powercfg ${PERFORMANCE} LIDACTION dc`,
    ]);
  });

  it('of a plan that somebody deleted is not set at all', async () => {
    const { windows, platform } = windowsWith({ active: PERFORMANCE });
    windows.plans.delete(BALANCED);
    expect(await platform.settingNamed(`powercfg ${BALANCED} LIDACTION ac`)?.read()).toBeNull();
  });

  it('is known by its name alone, and by no other', () => {
    const { platform, windows } = windowsWith();
    expect(
      [
        `powercfg ${BALANCED} LIDACTION dc`,
        `powercfg ${BALANCED} LIDACTION ups`,
        'powercfg & calc LIDACTION ac',
        'pmset disablesleep',
      ].map((id) => platform.settingNamed(id)?.label ?? null),
    ).toEqual(['What closing the lid does on battery', null, null, null]);
    expect([windows.ran, windows.running]).toEqual([[], []]);
  });

  it('is found where the maker hides it', async () => {
    const { windows, setLid } = windowsWith({ lidSetting: 'hidden' });
    await setLid('0');
    expect(windows.plans.get(BALANCED)).toEqual({ ac: 0, dc: 0 });
  });

  it('is nothing to hold on a desktop', async () => {
    const without = windowsWith({ hasLid: false });
    const unset = windowsWith({ lidSetting: 'none' });
    await without.takeIdle();
    expect([
      await without.platform.lidSettings(),
      (await without.platform.effects()).lid,
      await unset.platform.lidSettings(),
      (await unset.platform.effects()).lid,
    ]).toEqual([
      [],
      { effective: true, reason: 'This PC has no lid.', fix: null, setUp: null },
      [],
      {
        effective: false,
        reason: 'The power plan of this PC knows no lid.',
        fix: null,
        setUp: null,
      },
    ]);
  });

  it('that a group policy has decided is left alone, and said to be', async () => {
    const { windows, platform } = windowsWith({ policy: { ac: 1, dc: 1 } });
    const direct = platform.settingNamed(`powercfg ${BALANCED} LIDACTION dc`)!;
    expect({
      settings: await platform.lidSettings(),
      effect: (await platform.effects()).lid,
      direct: await failureOf(direct.write('0')),
      plan: windows.plans.get(BALANCED),
    }).toEqual({
      settings: [],
      effect: {
        effective: false,
        reason: 'A group policy says what closing the lid does.',
        fix: POLICY_FIX,
        setUp: null,
      },
      direct: {
        message: 'A group policy says what closing the lid does on battery.',
        fix: POLICY_FIX,
      },
      plan: { ac: 1, dc: 1 },
    });
  });

  it('that a group policy has decided for one source of power only says so', async () => {
    const { platform, setLid } = windowsWith({
      policy: { dc: 1 },
      power: { mains: 1, flag: 0, percent: 50 },
    });
    await setLid('0');
    expect((await platform.effects()).lid).toEqual({
      effective: true,
      reason: 'On battery a closed lid still ends it: a group policy says so.',
      fix: POLICY_FIX,
      setUp: null,
    });
  });

  it('that may not be changed says what powercfg said, in whichever language', async () => {
    const { setLid } = windowsWith({ refuses: REFUSED.german });
    expect(await failureOf(setLid('0'))).toEqual({
      message: 'powercfg did not change what closing the lid does on mains (Zugriff verweigert).',
      fix: 'See whether the power plan can be changed in the Control Panel, under "Choose what closing the lid does".',
    });
  });

  it('is set to nothing but a number', async () => {
    const { platform, windows } = windowsWith();
    const [setting] = await platform.lidSettings();
    await expect(setting!.write('1 & calc')).rejects.toThrow('cannot be set');
    expect(windows.plans.get(BALANCED)).toEqual({ ac: 1, dc: 1 });
  });
});

describe('what was held behind a closed lid on Windows', () => {
  const sleeps = async (
    change: Partial<FakeWindows>,
    ac: number,
    dc: number,
  ): Promise<string[]> => {
    const { windows, platform } = windowsWith({ lidClosed: true, ...change });
    windows.plans.set(BALANCED, { ac, dc });
    await platform.sleepIfLidClosed();
    return windows.asked.filter((verb) => ['sleep', 'hibernate'].includes(verb));
  };
  const mains = { power: { mains: 1, flag: 8, percent: 90 } };

  it('does what the lid would have done, and never switches off', async () => {
    expect([
      await sleeps({}, 0, 1),
      await sleeps({}, 0, 2),
      await sleeps({}, 0, 3),
      await sleeps({}, 1, 0),
      await sleeps(mains, 1, 0),
      await sleeps({ lidClosed: false }, 1, 1),
      await sleeps({ lidClosed: null }, 1, 1),
      await sleeps({ hasLid: false }, 1, 1),
    ]).toEqual([['sleep'], ['hibernate'], ['sleep'], [], ['sleep'], [], [], []]);
  });
});

describe('the sensors on Windows', () => {
  it('tell of battery, heat and lid', async () => {
    const { platform } = windowsWith({ lidClosed: true });
    expect(await platform.sensors()).toEqual({
      battery: { percent: 71, onMains: false },
      heat: { celsius: 61.1, level: null },
      lidClosed: true,
      externalDisplay: null,
    });
  });

  it('say nothing of what is not there or not known', async () => {
    const read = async (change: Partial<FakeWindows>) =>
      await windowsWith(change).platform.sensors();
    const nothing = { battery: null, heat: null, lidClosed: null, externalDisplay: null };
    expect([
      await read({ power: { mains: 1, flag: 128, percent: 255 }, tenthsKelvin: [], hasLid: false }),
      await read({
        power: { mains: 255, flag: 255, percent: 255 },
        tenthsKelvin: [0],
        lidClosed: null,
      }),
      await read({ constrained: true }),
    ]).toEqual([nothing, nothing, nothing]);
  });

  it('turn no display off where that would put the PC to sleep', async () => {
    const old = windowsWith({ s3: true, modernStandby: false });
    const modern = windowsWith({ s3: false, modernStandby: true });
    await old.platform.displayOff();
    await modern.platform.displayOff();
    expect([old.windows.asked.at(-1), modern.windows.asked.at(-1)]).toEqual(['screenOff', 'about']);
  });
});

describe('watching Windows', () => {
  it('hears of lid, power, plan and sleep, and takes a burst for one change', async () => {
    const windows = new FakeWindows();
    const timers = new FakeTimers();
    const heard: string[] = [];
    const events: PlatformEvents = {
      sensors: ({ lidClosed }) => heard.push(`lid closed ${lidClosed}`),
      changed: () => heard.push('changed'),
      sleeping: () => heard.push('sleeping'),
      woke: () => heard.push('woke'),
    };
    const end = windowsPlatform(windows.tools(timers)).watch(events);
    windows.lidClosed = true;
    for (const word of ['sleeping', 'woke', 'scheme', 'lid', 'power', 'power', 'nonsense'])
      windows.tell(word);
    expect(heard).toEqual(['sleeping', 'woke', 'changed']);
    timers.advance(500);
    await expect.poll(() => heard).toEqual(['sleeping', 'woke', 'changed', 'lid closed true']);
    end();
    expect([windows.running.map((tool) => tool.isRunning), timers.pendingMs]).toEqual([
      [false],
      [],
    ]);
  });
});

describe('the script for PowerShell', () => {
  it('is one fixed text that reads its input itself', () => {
    const script = POWER_SCRIPT_ARGS.at(-1) ?? '';
    // PowerShell would take what we write for itself if the script named $input.
    expect(script).not.toMatch(/\$input/iu);
    expect(script).toMatch(/^[\x20-\x7e\n]*$/u);
    // What CreateProcess takes.
    expect(script.length).toBeLessThan(30_000);
  });
});

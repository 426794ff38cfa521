import { describe, expect, it } from 'vitest';
import { macosPlatform } from '../../../src/holder/platform-here.macos.ts';
import { FakeMac } from '../../fakes/power-tools/fake-mac.ts';
import { THERM } from '../../fakes/power-tools/recorded-macos.ts';
import { failureOf, OFF, ON, takeAndLetGo, takeIdle } from './platform-stage.ts';

const FILE = '/etc/sudoers.d/porchlight-501';

function macWith(change: (mac: FakeMac) => void = () => {}) {
  const mac = new FakeMac();
  change(mac);
  const platform = macosPlatform(mac.tools());
  return {
    mac,
    platform,
    takeIdle: async () => await takeIdle(platform),
    /** As the holder does it, without its journal. */
    setLid: async (value: string) => {
      const [setting] = await platform.lidSettings();
      await setting?.write(value);
      return setting;
    },
  };
}

describe('idle sleep on a Mac', () => {
  it('is held by caffeinate for the life of the holder, and read back from the list of the system', async () => {
    const { mac, platform, takeIdle } = macWith();
    expect((await platform.effects()).idle).toEqual(OFF);
    const lock = await takeIdle();
    await lock.take('again');
    expect({ effect: (await platform.effects()).idle, held: mac.isIdleHeld }).toEqual({
      effect: ON,
      held: true,
    });
    expect(mac.ran.filter((line) => line.includes('caffeinate'))).toEqual([
      '/usr/bin/caffeinate -i -w 4711',
    ]);
    await lock.letGo();
    await lock.letGo();
    expect({ effect: (await platform.effects()).idle, held: mac.isIdleHeld }).toEqual({
      effect: OFF,
      held: false,
    });
  });

  it('says that caffeinate is missing, and loses nothing by it', async () => {
    const { platform, mac } = macWith((it) => it.missing.add('/usr/bin/caffeinate'));
    let lost = 0;
    const [lock] = await platform.idleLocks();
    lock!.onLost(() => (lost += 1));
    expect(await failureOf(lock!.take(''))).toEqual({
      message: 'caffeinate did not keep the Mac awake (spawn /usr/bin/caffeinate ENOENT).',
      fix: 'See whether /usr/bin/caffeinate -i works in a terminal.',
    });
    expect({ lost, held: mac.isIdleHeld }).toEqual({ lost: 0, held: false });
  });

  it('is lost when somebody ends caffeinate, and can be taken again', async () => {
    const { platform, mac, takeIdle } = macWith();
    const lock = await takeIdle();
    let lost = 0;
    lock.onLost(() => (lost += 1));
    mac.killHolder();
    await Promise.resolve();
    expect({ lost, effect: (await platform.effects()).idle }).toEqual({ lost: 1, effect: OFF });
    await lock.take('');
    expect((await platform.effects()).idle).toEqual(ON);
  });

  it('that is let go while it is taken is not held afterwards', async () => {
    const { mac, platform } = macWith();
    await takeAndLetGo(platform);
    expect(mac.isIdleHeld).toBe(false);
  });

  it('that macOS does not list is not in effect, whatever caffeinate does', async () => {
    const { mac, platform, takeIdle } = macWith();
    await takeIdle();
    const list = '/usr/bin/pmset -g assertions';
    mac.says.set(list, 'Assertion status system-wide:\nListed by owning process:\n');
    const unlisted = (await platform.effects()).idle;
    mac.says.set(list, 'Zusicherungen\n');
    const strange = (await platform.effects()).idle;
    mac.missing.add('/usr/bin/pmset');
    expect([unlisted, strange, (await platform.effects()).idle]).toEqual([
      {
        effective: false,
        reason: 'caffeinate runs, but macOS does not list what it asks for.',
        fix: null,
      },
      {
        effective: null,
        reason: 'pmset -g assertions answered in a form that is not known here.',
        fix: null,
      },
      {
        effective: null,
        reason: 'pmset cannot be asked (spawn /usr/bin/pmset ENOENT).',
        fix: null,
      },
    ]);
  });
});

describe('the lid of a Mac', () => {
  it('is not touched before somebody has allowed it', async () => {
    const { platform } = macWith();
    expect({
      settings: await platform.lidSettings(),
      effect: (await platform.effects()).lid,
    }).toEqual({
      settings: [],
      effect: {
        effective: false,
        reason: 'Nobody has allowed Porchlight to keep this Mac awake with its lid closed.',
        fix: 'Set it up once with `porchlight power setup`: it asks for an administrator.',
        setUp: 'needed',
      },
    });
  });

  it('is held by one setting, written without ever asking for a password', async () => {
    const { mac, platform, setLid } = macWith((it) => {
      it.hasRule = true;
    });
    const setting = await setLid('1');
    expect({
      read: await setting?.read(),
      effect: (await platform.effects()).lid,
      written: mac.ran.filter((line) => line.startsWith('/usr/bin/sudo') && !line.includes('-l')),
    }).toEqual({
      read: '1',
      effect: { ...ON, setUp: 'done' },
      written: ['/usr/bin/sudo -n /usr/bin/pmset -a disablesleep 1'],
    });
    await setLid('0');
    expect((await platform.effects()).lid).toEqual({ ...OFF, setUp: 'done' });
  });

  it('is not in effect when the kernel lost in a sleep what is still written on disk', async () => {
    const { mac, platform, setLid } = macWith((it) => {
      it.hasRule = true;
    });
    const setting = await setLid('1');
    mac.sleepAndWake();
    expect({ read: await setting?.read(), effect: (await platform.effects()).lid }).toEqual({
      read: '1',
      effect: {
        effective: false,
        reason: 'The setting was lost in a sleep; it is written again.',
        fix: null,
        setUp: 'done',
      },
    });
    await setLid('1');
    expect((await platform.effects()).lid).toEqual({ ...ON, setUp: 'done' });
  });

  it('is refused in words when a later rule of sudo wants a password all the same', async () => {
    const { setLid } = macWith((it) => {
      it.hasRule = true;
      it.sudoRefuses = 'sudo: a password is required';
    });
    expect(await failureOf(setLid('1'))).toEqual({
      message: `sudo refuses pmset although ${FILE} allows it (sudo: a password is required).`,
      fix: 'A later rule of sudo overrides it, as is usual on managed Macs: ask whoever manages this Mac to allow these two commands without a password, behind all other rules.',
    });
  });

  it('is not believed to be held because pmset exits with 0', async () => {
    const { setLid } = macWith((it) => {
      it.hasRule = true;
      it.pmsetIgnores = true;
    });
    expect((await failureOf(setLid('1'))).message).toBe('pmset did not set disablesleep to 1.');
  });

  it('cannot be read from output in another form, and nothing is written then', async () => {
    const { mac, platform } = macWith((it) => {
      it.hasRule = true;
      it.says.set('/usr/bin/pmset -g', 'pmset has moved\n');
    });
    const [setting] = await platform.lidSettings();
    await expect(setting!.read()).rejects.toThrow('not known here');
    expect(mac.disableSleep).toBeNull();
  });

  it('does not matter where there is none', async () => {
    const { platform, takeIdle } = macWith((it) => {
      it.hasRule = true;
      it.lidClosed = null;
    });
    await takeIdle();
    expect({
      settings: await platform.lidSettings(),
      effect: (await platform.effects()).lid,
    }).toEqual({
      settings: [],
      effect: { effective: true, reason: 'This Mac has no lid.', fix: null, setUp: null },
    });
  });
});

describe('what was held behind a closed lid', () => {
  const slept = async (change: (mac: FakeMac) => void): Promise<boolean> => {
    const { mac, platform } = macWith(change);
    await platform.sleepIfLidClosed();
    return mac.ran.includes('/usr/bin/pmset sleepnow');
  };

  it('lets the Mac sleep once it is let go, but not beside a display, nor when somebody else holds it', async () => {
    expect([
      await slept((mac) => (mac.lidClosed = true)),
      await slept((mac) => (mac.lidClosed = false)),
      await slept((mac) => Object.assign(mac, { lidClosed: true, docked: true })),
      await slept((mac) => Object.assign(mac, { lidClosed: true, kernelDisabled: true })),
      await slept((mac) => (mac.lidClosed = null)),
      await slept((mac) => mac.missing.add('/usr/sbin/ioreg')),
    ]).toEqual([true, false, false, false, false, false]);
  });
});

describe('the sensors of a Mac', () => {
  it('tell of battery, heat, lid and display', async () => {
    const { platform } = macWith((mac) =>
      Object.assign(mac, {
        lidClosed: true,
        docked: true,
        thermalState: '2',
        therm: THERM.throttled,
      }),
    );
    expect(await platform.sensors()).toEqual({
      battery: { percent: 37, onMains: false },
      heat: { celsius: null, level: 'serious' },
      lidClosed: true,
      externalDisplay: true,
    });
  });

  it('say nothing where the tools are missing, and throw nothing', async () => {
    const { mac, platform } = macWith();
    for (const tool of ['/usr/bin/pmset', '/usr/bin/osascript', '/usr/sbin/ioreg'])
      mac.missing.add(tool);
    expect(await platform.sensors()).toEqual({
      battery: null,
      heat: null,
      lidClosed: null,
      externalDisplay: null,
    });
  });
});

describe('the consent on a Mac', () => {
  it('is one rule for two commands, put there by root and proved by writing what is there anyway', async () => {
    const { mac, platform } = macWith();
    const message = await platform.setUp(false);
    const script = mac.ran.find((line) => line.includes('administrator privileges')) ?? '';
    expect({
      message,
      rule: /'(#[^']+)' >/u.exec(script)?.[1],
      disableSleep: mac.disableSleep,
    }).toEqual({
      message: `Done: ${FILE} lets Porchlight keep this Mac awake with its lid closed. To undo it: porchlight power setup --undo, or delete that file.`,
      rule: '#501 ALL=(root) NOPASSWD: /usr/bin/pmset -a disablesleep 0, /usr/bin/pmset -a disablesleep 1',
      disableSleep: '0',
    });
  });

  it('is taken back the same way', async () => {
    const { mac, platform } = macWith((it) => {
      it.hasRule = true;
    });
    expect([await platform.setUp(true), mac.hasRule, await platform.setUp(true)]).toEqual([
      `Undone: ${FILE} is gone. A closed lid puts this Mac to sleep again.`,
      false,
      'There was nothing to undo.',
    ]);
  });

  it('is not taken back while sleep is disabled, since nobody could put that back then', async () => {
    const { mac, platform } = macWith((it) =>
      Object.assign(it, { hasRule: true, disableSleep: '1', kernelDisabled: true }),
    );
    expect(await failureOf(platform.setUp(true))).toEqual({
      message: 'Sleep is disabled on this Mac, by another Porchlight of yours or by somebody else.',
      fix: 'End what holds it, or run: sudo pmset -a disablesleep 0',
    });
    expect(mac.hasRule).toBe(true);
  });

  it('is not there when it was refused, or when nobody can be asked', async () => {
    const cancelled = macWith((mac) => (mac.consent = 'cancelled'));
    const remote = macWith((mac) => (mac.consent = 'nobody there'));
    expect([
      await failureOf(cancelled.platform.setUp(false)),
      await failureOf(remote.platform.setUp(false)),
      cancelled.mac.hasRule || remote.mac.hasRule,
    ]).toEqual([
      { message: 'Not set up: it was cancelled.', fix: null },
      {
        message: 'Nobody can be asked for a password here: there is no desktop session.',
        fix: 'Do it at the screen of this Mac, not over SSH.',
      },
      false,
    ]);
  });

  it('is not asked for root, who needs no rule', async () => {
    const platform = macosPlatform(new FakeMac().tools({ uid: 0 }));
    await expect(platform.setUp(false)).rejects.toThrow('start Porchlight as an ordinary user');
  });
});

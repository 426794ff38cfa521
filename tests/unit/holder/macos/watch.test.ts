import { describe, expect, it } from 'vitest';
import { macosPlatform } from '../../../../src/holder/platform-here.macos.ts';
import type { PlatformEvents } from '../../../../src/holder/platform.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { FakeMac } from '../../../fakes/power-tools/fake-mac.ts';
import { BATTERY, POWER_LOG } from '../../../fakes/power-tools/recorded-macos.ts';

/** What the fakes answer has been heard. */
const platformIdle = async (): Promise<void> =>
  await new Promise((resolve) => void setImmediate(resolve));

describe('watching a Mac', () => {
  function watched(change: (mac: FakeMac) => void = () => {}) {
    const mac = new FakeMac();
    change(mac);
    const timers = new FakeTimers();
    const heard: string[] = [];
    const events: PlatformEvents = {
      sensors: ({ battery }) => heard.push(`sensors ${battery?.percent}`),
      changed: () => heard.push('changed'),
      sleeping: () => heard.push('sleeping'),
      woke: () => heard.push('woke'),
    };
    const platform = macosPlatform(mac.tools({ timers }));
    const end = platform.watch(events);
    return { mac, timers, heard, platform, end };
  }

  it('hears at once what pmset logs, and takes a burst of lines for one change', async () => {
    const { mac, timers, heard, end } = watched();
    for (const line of POWER_LOG) mac.running[0]!.say(line);
    expect(heard).toEqual(['sleeping', 'woke']);
    timers.advance(500);
    await expect.poll(() => heard).toEqual(['sleeping', 'woke', 'sensors 37']);
    end();
  });

  it('looks at nothing while nothing is held', () => {
    const { mac, timers, end } = watched();
    const before = mac.ran.length;
    timers.advance(60_000);
    expect(mac.ran.slice(before)).toEqual([]);
    end();
    expect(timers.pendingMs).toEqual([]);
  });

  it('looks for heat and lid while something is held', async () => {
    const { mac, timers, heard, platform, end } = watched();
    const [lock] = await platform.idleLocks();
    await lock!.take('');
    mac.battery = BATTERY.charging;
    timers.advance(30_000);
    await expect.poll(() => heard).toEqual(['sensors 14']);
    end();
  });

  it('sees the lid move while it is held, and that a sleep has lost what held it', async () => {
    const { mac, timers, heard, platform, end } = watched((it) => {
      it.hasRule = true;
    });
    const [lock] = await platform.idleLocks();
    await lock!.take('');
    const [setting] = await platform.lidSettings();
    await setting!.write('1');
    await platform.sensors();
    timers.advance(10_000);
    mac.lidClosed = true;
    timers.advance(10_000);
    await expect.poll(() => heard).toEqual(['sensors 37']);
    mac.sleepAndWake();
    timers.advance(20_000);
    await expect.poll(() => heard).toContain('changed');
    end();
  });

  it('sees by the clock that the Mac slept, and by no clock that was set', async () => {
    const { mac, timers, heard, end } = watched();
    timers.advance(30_000);
    mac.sleptMs = 3_600_000;
    timers.advance(10_000);
    await expect.poll(() => heard).toEqual(['woke']);
    timers.advance(30_000);
    await platformIdle();
    expect(heard).toEqual(['woke']);
    end();
  });

  it('is not back while it is awake in the dark', async () => {
    const { mac, timers, heard, end } = watched();
    mac.isDarkWake = true;
    mac.sleptMs = 3_600_000;
    timers.advance(20_000);
    await platformIdle();
    expect(heard).toEqual([]);
    mac.isDarkWake = false;
    timers.advance(10_000);
    await expect.poll(() => heard).toEqual(['woke']);
    end();
  });

  it('starts the log of pmset again when it ended, and ends it with itself', () => {
    const { mac, timers, end } = watched();
    mac.running[0]!.die();
    timers.advance(60_000);
    expect(mac.running.map((tool) => tool.isRunning)).toEqual([false, true]);
    end();
    expect(mac.running.map((tool) => tool.isRunning)).toEqual([false, false]);
    expect(timers.pendingMs).toEqual([]);
  });
});

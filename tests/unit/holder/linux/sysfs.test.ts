import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { Sysfs } from '../../../../src/holder/linux/sysfs.ts';

let root = '';
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** /sys and /proc with these files, each with a line's end as the kernel writes it. */
function sysfsWith(files: Readonly<Record<string, string | number>>): Sysfs {
  root = mkdtempSync(join(tmpdir(), 'porchlight-sys-'));
  write(files);
  return new Sysfs(root);
}

function write(files: Readonly<Record<string, string | number>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), `${text}\n`);
  }
}

const supply = (
  name: string,
  values: Readonly<Record<string, string | number>>,
): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [`sys/class/power_supply/${name}/${key}`, value]),
  );

describe('the battery', () => {
  test('of a desktop, with a mouse that has one, is none', async () => {
    const sysfs = sysfsWith({
      ...supply('hidpp_battery_0', { type: 'Battery', scope: 'Device', capacity: 40 }),
      ...supply('AC', { type: 'Mains', online: 1 }),
    });
    expect(await sysfs.battery()).toBeNull();
  });

  test('of two counts each by what it can hold', async () => {
    const sysfs = sysfsWith({
      ...supply('BAT0', { type: 'Battery', capacity: 100, energy_full: 10_000 }),
      ...supply('BAT1', { type: 'Battery', capacity: 20, energy_full: 30_000 }),
      ...supply('AC', { type: 'Mains', online: 0 }),
      ...supply('ucsi-source-psy-1', { type: 'USB', online: 0 }),
    });
    expect(await sysfs.battery()).toEqual({ percent: 40, onMains: false });
  });

  test('without anything that says where power comes from is known by its own word', async () => {
    const sysfs = sysfsWith(
      supply('BAT0', { type: 'Battery', capacity: 55, status: 'Discharging' }),
    );
    const before = await sysfs.battery();
    write(supply('BAT0', { status: 'Not charging', capacity: 103 }));
    expect([before, await sysfs.battery()]).toEqual([
      { percent: 55, onMains: false },
      { percent: 100, onMains: true },
    ]);
  });

  test('that reads as nonsense is none', async () => {
    const sysfs = sysfsWith(supply('BAT0', { type: 'Battery', capacity: 'full-ish' }));
    expect(await sysfs.battery()).toBeNull();
  });
});

describe('heat', () => {
  const chip = (
    n: number,
    name: string,
    ...temps: (number | string)[]
  ): Record<string, string | number> => ({
    [`sys/class/hwmon/hwmon${n}/name`]: name,
    ...Object.fromEntries(
      temps.map((value, index) => [`sys/class/hwmon/hwmon${n}/temp${index + 1}_input`, value]),
    ),
  });

  test('is the hottest plausible sensor of the processor, not of the drive', async () => {
    const sysfs = sysfsWith({
      ...chip(0, 'nvme', 95_000),
      ...chip(1, 'coretemp', 61_000, 72_500, 127_000, -40_000, 'x'),
      'sys/class/thermal/thermal_zone0/type': 'x86_pkg_temp',
      'sys/class/thermal/thermal_zone0/temp': 99_000,
    });
    expect(await sysfs.celsius()).toBe(72.5);
  });

  test('comes from a thermal zone where no chip is for the processor, else from whatever there is', async () => {
    const zone = sysfsWith({
      ...chip(0, 'nvme', 40_000),
      'sys/class/thermal/thermal_zone0/type': 'cpu-thermal',
      'sys/class/thermal/thermal_zone0/temp': 51_000,
    });
    const celsius = await zone.celsius();
    rmSync(root, { recursive: true });
    expect([celsius, await sysfsWith(chip(0, 'nvme', 40_000)).celsius()]).toEqual([51, 40]);
  });

  test('is looked for anew when its sensors are gone', async () => {
    const sysfs = sysfsWith(chip(0, 'k10temp', 50_000));
    const before = await sysfs.celsius();
    rmSync(join(root, 'sys'), { recursive: true });
    const without = await sysfs.celsius();
    write(chip(4, 'k10temp', 60_000));
    expect([before, without, await sysfs.celsius()]).toEqual([50, null, 60]);
  });
});

describe('lid and displays', () => {
  test.each([
    ['state:      closed', true],
    ['state:      open', false],
    ['state:      zu', null],
  ])('a lid that says "%s" is %s', async (words, closed) => {
    expect(await sysfsWith({ 'proc/acpi/button/lid/LID0/state': words }).lidClosed()).toBe(closed);
  });

  const display = (name: string, status: string): Record<string, string | number> => ({
    [`sys/class/drm/${name}/status`]: status,
  });

  test.each([
    [null, {}],
    [null, { 'sys/class/drm/card0/dev': '226:0', 'sys/class/drm/version': 'drm' }],
    [
      false,
      { ...display('card1-eDP-1', 'connected'), ...display('card1-HDMI-A-1', 'disconnected') },
    ],
    [true, { ...display('card1-eDP-1', 'connected'), ...display('card1-DP-3', 'connected') }],
    [false, { ...display('card0-DSI-1', 'connected'), ...display('card0-LVDS-1', 'connected') }],
    [null, display('card0-Writeback-1', 'connected')],
    [false, display('card0-DP-1', 'unknown')],
  ])('an external display is %s with %j', async (is, files) => {
    expect(await sysfsWith(files).externalDisplay()).toBe(is);
  });
});

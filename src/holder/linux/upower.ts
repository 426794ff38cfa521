import { z } from 'zod';
import type { Battery } from '../../protocol/power.ts';
import type { Bus, BusObject } from './bus.ts';
import { percentOf } from './sysfs.ts';

export const UPOWER = {
  name: 'org.freedesktop.UPower',
  path: '/org/freedesktop/UPower',
  iface: 'org.freedesktop.UPower',
} as const satisfies BusObject;

const DISPLAY_DEVICE = {
  name: UPOWER.name,
  path: '/org/freedesktop/UPower/devices/DisplayDevice',
  iface: 'org.freedesktop.UPower.Device',
} as const satisfies BusObject;

const daemonSchema = z.object({
  OnBattery: z.boolean(),
  LidIsPresent: z.boolean().catch(false),
  LidIsClosed: z.boolean().catch(false),
});

/** 2: battery, 3: uninterruptible power supply; 0 where there is neither. */
const deviceSchema = z.object({
  Type: z.number().catch(0),
  IsPresent: z.boolean().catch(false),
  Percentage: z.number().nullable().catch(null),
});

export interface UpowerReading {
  readonly battery: Battery | null;
  readonly lidClosed: boolean | null;
}

/** UPower's view, which the desktop shows too. Throws where it is not there. */
export async function readUpower(bus: Bus): Promise<UpowerReading> {
  const [daemon, device] = await Promise.all([
    bus.properties(UPOWER).then((values) => daemonSchema.parse(values)),
    bus.properties(DISPLAY_DEVICE).then((values) => deviceSchema.parse(values)),
  ]);
  const { Type, IsPresent, Percentage } = device;
  const hasBattery = IsPresent && (Type === 2 || Type === 3) && Percentage !== null;
  return {
    battery: hasBattery ? { percent: percentOf(Percentage), onMains: !daemon.OnBattery } : null,
    lidClosed: daemon.LidIsPresent ? daemon.LidIsClosed : null,
  };
}

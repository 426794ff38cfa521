import type { HolderSensors } from '../../protocol/holder.ts';
import type { PowerPolicy } from '../../protocol/power.ts';

/** What two readings in a row have to say, at least so far apart: one alone may be a sensor's slip. */
export const CONFIRM_MS = 5_000;
/** Above the floor by so much, or cooler by so much, an alarm is over. */
const BATTERY_RISE = 5;
const HEAT_FALL = 10;
/** A battery, or a heat, that was known and is not any more. */
const DOUBTED_AFTER_MS = 30_000;
const UNKNOWN_AFTER_MS = 5 * 60_000;

/** A stop that stays until it is over for good. */
interface Latch {
  readonly isOn: boolean;
  /** Since when readings say otherwise. */
  readonly doubtedSinceMs: number | null;
}

/** What the sensors have said so far. */
export interface Guards {
  /** The newest that was readable. */
  readonly battery: HolderSensors['battery'];
  readonly heat: HolderSensors['heat'];
  readonly lidClosed: boolean | null;
  readonly hasExternalDisplay: boolean;
  readonly low: Latch;
  readonly hot: Latch;
  /** Since when what was readable is not. */
  readonly batteryLostMs: number | null;
  readonly heatLostMs: number | null;
  /** What the latches are about; another limit is another question. */
  readonly limits: Limits;
}

type Limits = Pick<PowerPolicy, 'batteryFloor' | 'heatStop'>;

const OFF: Latch = { isOn: false, doubtedSinceMs: null };
const ON: Latch = { isOn: true, doubtedSinceMs: null };

export function noReadings({ batteryFloor, heatStop }: Limits): Guards {
  return {
    ...{ battery: null, heat: null, lidClosed: null, hasExternalDisplay: false },
    ...{ low: OFF, hot: OFF },
    ...{ batteryLostMs: null, heatLostMs: null, limits: { batteryFloor, heatStop } },
  };
}

/** Takes in a reading. `atMs` by a clock that is never set. */
export function withReading(before: Guards, sensors: HolderSensors, atMs: number): Guards {
  const { battery, heat, lidClosed } = sensors;
  const wasOpened = before.lidClosed === true && lidClosed === false;
  const isHeatKnown = heat !== null && (heat.celsius !== null || heat.level !== null);
  return {
    ...before,
    battery: battery ?? before.battery,
    heat: isHeatKnown ? heat : before.heat,
    lidClosed,
    hasExternalDisplay: sensors.externalDisplay === true,
    low: battery === null ? before.low : nextLow(before, battery, atMs),
    hot: isHeatKnown
      ? nextHot(wasOpened ? OFF : before.hot, before.limits, heat, atMs)
      : wasOpened
        ? OFF
        : before.hot,
    batteryLostMs:
      battery !== null || before.battery === null ? null : (before.batteryLostMs ?? atMs),
    heatLostMs: isHeatKnown || before.heat === null ? null : (before.heatLostMs ?? atMs),
  };
}

/** Other limits are judged at once by what is known, without the margins. */
export function withLimits(before: Guards, { batteryFloor, heatStop }: Limits): Guards {
  const { limits, battery, heat } = before;
  const isLow = battery !== null && isBelow(battery, batteryFloor);
  const isHot = (heat?.celsius ?? -Infinity) >= heatStop || isSerious(heat);
  return {
    ...before,
    low: limits.batteryFloor === batteryFloor ? before.low : isLow ? ON : OFF,
    hot: limits.heatStop === heatStop ? before.hot : isHot ? ON : OFF,
    limits: { batteryFloor, heatStop },
  };
}

/** A reading says that something is about to stop the holds, and the next one may confirm it. */
export function isInDoubt({ low, hot }: Guards): boolean {
  return low.doubtedSinceMs !== null || hot.doubtedSinceMs !== null;
}

/** Whether what is not readable any more is to be doubted, or has been away for too long. */
export function lostFor(lostMs: number | null, atMs: number): 'no' | 'doubted' | 'unknown' {
  if (lostMs === null || atMs - lostMs < DOUBTED_AFTER_MS) return 'no';
  return atMs - lostMs < UNKNOWN_AFTER_MS ? 'doubted' : 'unknown';
}

type Battery = NonNullable<HolderSensors['battery']>;
type Heat = NonNullable<HolderSensors['heat']>;

function nextLow({ low, limits, battery: known }: Guards, battery: Battery, atMs: number): Latch {
  // Whether it is on mains, systems know for certain; how full it is, they estimate.
  if (battery.onMains || limits.batteryFloor === 0) return OFF;
  // The first reading of all has leapt from nowhere.
  if (isBelow(battery, limits.batteryFloor))
    return known === null ? ON : confirmed(low, true, atMs);
  return confirmed(low, low.isOn && battery.percent < limits.batteryFloor + BATTERY_RISE, atMs);
}

function nextHot(hot: Latch, { heatStop }: Limits, heat: Heat, atMs: number): Latch {
  if (heat.level === 'critical') return ON;
  const celsius = heat.celsius ?? -Infinity;
  if (celsius >= heatStop || isSerious(heat)) return confirmed(hot, true, atMs);
  return confirmed(hot, hot.isOn && celsius > heatStop - HEAT_FALL, atMs);
}

function isBelow({ percent, onMains }: Battery, floor: number): boolean {
  return !onMains && floor > 0 && percent <= floor;
}

function isSerious(heat: HolderSensors['heat']): boolean {
  return heat?.level === 'serious' || heat?.level === 'critical';
}

function confirmed(latch: Latch, says: boolean, atMs: number): Latch {
  if (latch.isOn === says) return says ? ON : OFF;
  const sinceMs = latch.doubtedSinceMs ?? atMs;
  if (atMs - sinceMs >= CONFIRM_MS) return says ? ON : OFF;
  return { isOn: latch.isOn, doubtedSinceMs: sinceMs };
}

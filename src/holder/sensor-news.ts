import type { Timers } from '../connection/timers.ts';
import type { HolderSensors } from '../protocol/holder.ts';

/** Heat moves all the time: degrees are told so often at most. */
const HEAT_EVERY_MS = 10_000;

/** Tells of sensors what a person could see: whole percents, whole degrees, and those not all the time. */
export class SensorNews {
  readonly #timers: Timers;
  readonly #onNews: (sensors: HolderSensors) => void;
  #latest: HolderSensors;
  #told: HolderSensors;
  #heatToldAtMs = -Infinity;
  #isWaiting = false;

  constructor(first: HolderSensors, timers: Timers, onNews: (sensors: HolderSensors) => void) {
    this.#latest = first;
    this.#told = first;
    this.#timers = timers;
    this.#onNews = onNews;
  }

  get latest(): HolderSensors {
    return this.#latest;
  }

  tell(sensors: HolderSensors): void {
    this.#latest = stepped(sensors, this.#told);
    this.#look();
  }

  #look(): void {
    const { heat } = this.#latest;
    if (isSame(this.#latest, this.#told)) return;
    const onlyDegrees =
      heat?.level === this.#told.heat?.level &&
      isSame({ ...this.#latest, heat: null }, { ...this.#told, heat: null });
    const waitMs = this.#heatToldAtMs + HEAT_EVERY_MS - this.#timers.nowMs();
    if (onlyDegrees && waitMs > 0) {
      if (!this.#isWaiting) this.#wait(waitMs);
      return;
    }
    this.#heatToldAtMs = this.#timers.nowMs();
    this.#told = this.#latest;
    this.#onNews(this.#latest);
  }

  #wait(forMs: number): void {
    this.#isWaiting = true;
    this.#timers.after(forMs, () => {
      this.#isWaiting = false;
      this.#look();
    });
  }
}

/** In whole numbers, and a figure that swings about a half stays where it was. */
function stepped(sensors: HolderSensors, told: HolderSensors): HolderSensors {
  const { battery, heat } = sensors;
  const celsius = heat?.celsius ?? null;
  return {
    ...sensors,
    battery: battery && { ...battery, percent: step(battery.percent, told.battery?.percent) },
    heat: heat && { ...heat, celsius: celsius && step(celsius, told.heat?.celsius) },
  };
}

function step(value: number, told: number | null | undefined): number {
  if (typeof told === 'number' && Math.abs(value - told) < 1) return told;
  return Math.round(value);
}

function isSame(a: HolderSensors, b: HolderSensors): boolean {
  return (
    a.lidClosed === b.lidClosed &&
    a.externalDisplay === b.externalDisplay &&
    a.battery?.percent === b.battery?.percent &&
    a.battery?.onMains === b.battery?.onMains &&
    a.heat?.celsius === b.heat?.celsius &&
    a.heat?.level === b.heat?.level
  );
}

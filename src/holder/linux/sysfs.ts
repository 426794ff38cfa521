import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Battery } from '../../protocol/power.ts';

/** Chips that measure the processor itself. */
const CPU_CHIPS =
  /^(?:coretemp|k8temp|k10temp|zenpower|fam15h_power|cpu_thermal|cpu[-_].*|soc_thermal|soc[-_].*|scpi_sensors|apple_.*|macsmc.*)$/u;
const CPU_ZONES = /^(?:x86_pkg_temp|cpu|soc|tsens|acpitz|TCPU)/u;
/** What reads colder or hotter is a sensor that is not there. */
const PLAUSIBLE_CELSIUS = { above: 0, below: 125 };
const INTERNAL_DISPLAY = /^card\d+-(?:eDP|LVDS|DSI)-/u;
const DISPLAY = /^card\d+-./u;
/** Of the wires of a display that is only for writing to. */
const NOT_A_DISPLAY = /^card\d+-(?:Writeback|Virtual)-/u;

/**
 * What the kernel itself says in /sys and /proc: all of it where UPower is not, heat and displays always.
 * What cannot be read is as if it were not there.
 */
export class Sysfs {
  readonly #root: string;
  /** Files of the sensors that count, found once: they are read every 30 s. */
  #heatFiles: readonly string[] | null = null;

  /** `root` is `/`, or a test's own. */
  constructor(root = '/') {
    this.#root = root;
  }

  /** Of all batteries that feed the machine; null: it has none. */
  async battery(): Promise<Battery | null> {
    const supplies = await Promise.all(
      (await this.#entries('sys/class/power_supply')).map(async (name) => {
        const file = async (key: string): Promise<string> =>
          await this.#read(`sys/class/power_supply/${name}/${key}`);
        const number = async (key: string): Promise<number | null> => numberOf(await file(key));
        return {
          type: await file('type'),
          /** `Device`: of a mouse or a headset. */
          scope: await file('scope'),
          online: await number('online'),
          status: await file('status'),
          capacity: await number('capacity'),
          full: (await number('energy_full')) ?? (await number('charge_full')),
        };
      }),
    );
    const batteries = supplies.filter(
      ({ type, scope, capacity }) => type === 'Battery' && scope !== 'Device' && capacity !== null,
    );
    if (batteries.length === 0) return null;
    let sum = 0;
    let weights = 0;
    for (const { capacity, full } of batteries) {
      const weight = full !== null && full > 0 ? full : 1;
      sum += (capacity ?? 0) * weight;
      weights += weight;
    }
    const mains = supplies.filter(({ type }) => type === 'Mains' || type.startsWith('USB'));
    const onMains =
      mains.length > 0
        ? mains.some(({ online }) => online !== null && online > 0)
        : batteries.every(({ status }) => status !== 'Discharging');
    return { percent: percentOf(sum / weights), onMains };
  }

  /** null: no lid, or nobody can say. */
  async lidClosed(): Promise<boolean | null> {
    const folder = 'proc/acpi/button/lid';
    for (const name of await this.#entries(folder)) {
      const state = await this.#read(`${folder}/${name}/state`);
      if (/\bclosed\b/u.test(state)) return true;
      if (/\bopen\b/u.test(state)) return false;
    }
    return null;
  }

  /** A display other than the machine's own is connected; null: there is no graphics card to ask. */
  async externalDisplay(): Promise<boolean | null> {
    const names = (await this.#entries('sys/class/drm')).filter(
      (name) => DISPLAY.test(name) && !NOT_A_DISPLAY.test(name),
    );
    if (names.length === 0) return null;
    const external = names.filter((name) => !INTERNAL_DISPLAY.test(name));
    const states = await Promise.all(
      external.map(async (name) => await this.#read(`sys/class/drm/${name}/status`)),
    );
    return states.includes('connected');
  }

  /** The hottest sensor of the processor, else of the machine, in degrees; null: none can be read. */
  async celsius(): Promise<number | null> {
    this.#heatFiles ??= await this.#findHeatFiles();
    const readings = await this.#plausible(this.#heatFiles);
    // Drivers come and go.
    if (readings.length === 0) this.#heatFiles = null;
    return readings.length === 0 ? null : Math.max(...readings);
  }

  async #findHeatFiles(): Promise<readonly string[]> {
    const chips = await this.#sensors('sys/class/hwmon', 'name', /^temp\d+_input$/u);
    const zones = await this.#sensors('sys/class/thermal', 'type', /^temp$/u);
    const groups = [
      chips.filter(({ name }) => CPU_CHIPS.test(name)),
      zones.filter(({ name }) => CPU_ZONES.test(name)),
      chips,
      zones,
    ];
    for (const group of groups) {
      const files = group.flatMap(({ files: own }) => own);
      if ((await this.#plausible(files)).length > 0) return files;
    }
    return [];
  }

  async #sensors(
    folder: string,
    nameFile: string,
    input: RegExp,
  ): Promise<readonly { readonly name: string; readonly files: readonly string[] }[]> {
    return await Promise.all(
      (await this.#entries(folder)).map(async (entry) => ({
        name: await this.#read(`${folder}/${entry}/${nameFile}`),
        files: (await this.#entries(`${folder}/${entry}`))
          .filter((file) => input.test(file))
          .map((file) => `${folder}/${entry}/${file}`),
      })),
    );
  }

  async #plausible(files: readonly string[]): Promise<readonly number[]> {
    const readings = await Promise.all(files.map(async (file) => numberOf(await this.#read(file))));
    return readings
      .flatMap((reading) => (reading === null ? [] : [reading / 1_000]))
      .filter((celsius) => celsius > PLAUSIBLE_CELSIUS.above && celsius < PLAUSIBLE_CELSIUS.below);
  }

  async #entries(folder: string): Promise<readonly string[]> {
    try {
      return (await readdir(join(this.#root, folder))).toSorted();
    } catch {
      return [];
    }
  }

  async #read(file: string): Promise<string> {
    try {
      return (await readFile(join(this.#root, file), 'utf8')).trim();
    } catch {
      return '';
    }
  }
}

/** As the wire takes it; what the system says beyond is a full or an empty battery. */
export function percentOf(value: number): number {
  return Math.round(Math.min(100, Math.max(0, value)));
}

function numberOf(words: string): number | null {
  if (words === '') return null;
  const value = Number(words);
  return Number.isFinite(value) ? value : null;
}

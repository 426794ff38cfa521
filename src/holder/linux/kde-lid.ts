import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import { NotHeld, type Setting } from '../platform.ts';
import { KDE_STAYS_AWAKE } from './effects.ts';
import { changeKconfig, kconfigText } from './kconfig-file.ts';
import { kconfigValue, kconfigWith } from './kconfig.ts';

/** PowerDevil's "lock the screen": a lid that was closed to lock goes on to do so. */
const LOCK_SCREEN = '32';
const BY_HAND = 'Set "When laptop lid closed" to "Lock screen" in KDE\'s Power Management.';

const PROFILES = {
  AC: 'on mains',
  Battery: 'on battery',
  LowBattery: 'on a low battery',
} as const;

interface Layout {
  readonly file: string;
  readonly group: string;
  readonly key: string;
}

/** PowerDevilProfileSettings.kcfg of Plasma 6, and powerdevilmigrateconfig.cpp for what Plasma 5 had. */
const LAYOUTS = {
  6: { file: 'powerdevilrc', group: 'SuspendAndShutdown', key: 'LidAction' },
  5: { file: 'powermanagementprofilesrc', group: 'HandleButtonEvents', key: 'lidAction' },
} as const satisfies Record<number, Layout>;

export interface KdeLidDeps {
  readonly env: NodeJS.ProcessEnv;
  /** Has PowerDevil read its files anew. */
  readonly refresh: () => Promise<void>;
}

/**
 * What KDE does when the lid closes, one setting a profile. PowerDevil takes the lid from logind and acts
 * by itself, so no lock counts there.
 */
export class KdeLid {
  readonly #deps: KdeLidDeps;

  constructor(deps: KdeLidDeps) {
    this.#deps = deps;
  }

  /** Those that have to be changed; not those by which the machine stays awake anyway. */
  async settings(): Promise<readonly Setting[]> {
    const version = await this.#version();
    const { file, group, key } = LAYOUTS[version];
    const path = join(this.#folder(), file);
    const all = Object.keys(PROFILES).map((profile) =>
      this.#setting(path, `[${profile}][${group}]`, key, profile),
    );
    const values = await Promise.all(all.map(async (setting) => await setting.read()));
    return all.filter((_setting, index) => {
      const value = values[index] ?? null;
      // Unset is to sleep in Plasma 6, and nothing in Plasma 5.
      if (value === null) return version === 6;
      return value === LOCK_SCREEN || !KDE_STAYS_AWAKE.has(Number(value));
    });
  }

  named(id: string): Setting | null {
    const parts =
      /^kde (?<path>\/.+) (?<group>\[(?<profile>\w+)\]\[(?<part>\w+)\]) (?<key>\w+)$/u.exec(
        id,
      )?.groups;
    if (parts === undefined) return null;
    const { path = '', group = '', profile = '', part, key } = parts;
    const layout = Object.values(LAYOUTS).find(
      (one) => one.file === basename(path) && one.group === part && one.key === key,
    );
    if (layout === undefined || !(profile in PROFILES)) return null;
    return this.#setting(path, group, layout.key, profile);
  }

  #setting(path: string, group: string, key: string, profile: string): Setting {
    const { refresh } = this.#deps;
    const when = Object.entries(PROFILES).find(([name]) => name === profile)?.[1] ?? profile;
    return {
      id: `kde ${path} ${group} ${key}`,
      label: `What KDE does ${when} when the lid is closed`,
      ours: LOCK_SCREEN,
      isLostInSleep: false,
      read: async () => kconfigValue(await kconfigText(path), group, key),
      write: async (value) => {
        try {
          await changeKconfig(path, (text) => kconfigWith(text, group, key, value));
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          throw new NotHeld(`${path} could not be written (${why}).`, BY_HAND);
        }
        await refresh();
      },
    };
  }

  #folder(): string {
    const given = this.#deps.env.XDG_CONFIG_HOME;
    if (given !== undefined && isAbsolute(given)) return given;
    return join(this.#deps.env.HOME ?? homedir(), '.config');
  }

  async #version(): Promise<5 | 6> {
    const said = this.#deps.env.KDE_SESSION_VERSION;
    if (said === '5') return 5;
    if (said === '6') return 6;
    const has = async (version: 5 | 6): Promise<boolean> =>
      (await kconfigText(join(this.#folder(), LAYOUTS[version].file))) !== '';
    return !(await has(6)) && (await has(5)) ? 5 : 6;
  }
}

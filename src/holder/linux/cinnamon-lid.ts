import type { Timers } from '../../connection/timers.ts';
import type { RunTool } from '../../local/run-tool.ts';

const SCHEMA = 'org.cinnamon.settings-daemon.plugins.power';
const KEYS = ['lid-close-ac-action', 'lid-close-battery-action'];
/** A process each time, for what a person changes once a year. */
const KEEP_MS = 5 * 60_000;

/** What Cinnamon does when the lid closes. Its power daemon acts whatever logind holds, and can only be read. */
export class CinnamonLid {
  readonly #run: RunTool;
  readonly #timers: Timers;
  #known: readonly string[] | null = null;

  constructor(run: RunTool, timers: Timers) {
    this.#run = run;
    this.#timers = timers;
  }

  /** On mains and on battery, in its own words; empty where it cannot be asked. */
  async lidActions(): Promise<readonly string[]> {
    if (this.#known !== null) return this.#known;
    try {
      const said = await Promise.all(
        KEYS.map(async (key) => await this.#run('gsettings', ['get', SCHEMA, key])),
      );
      this.#known = said.map((words) => words.trim().replaceAll("'", ''));
      this.#timers.after(KEEP_MS, () => {
        this.#known = null;
      });
      return this.#known;
    } catch {
      return [];
    }
  }
}

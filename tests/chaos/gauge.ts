import { readdirSync, readFileSync } from 'node:fs';
import type { CrashHome } from '../integration/crash-matrix/crash-home.ts';
import { standing } from './killer.ts';

const EVERY_MS = 2_000;
const MiB = 1024 * 1024;
/** Far above what 18 sessions need: what is bounded stays below, what leaks does not. */
const LIMITS = { hostFds: 250, keeperFds: 400, hostMiB: 500, keeperMiB: 250 } as const;

/** The most that host and keeper ever held. */
export class Gauge {
  readonly #home: CrashHome;
  readonly most = { hostFds: 0, keeperFds: 0, hostMiB: 0, keeperMiB: 0 };

  constructor(home: CrashHome) {
    this.#home = home;
  }

  async run(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const { hosts, keepers } = standing(this.#home, new Set());
      for (const { pid } of hosts) this.#take('host', pid);
      for (const { pid } of keepers) this.#take('keeper', pid);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  violations(): string[] {
    return Object.entries(LIMITS)
      .filter(([name, limit]) => this.most[name as keyof typeof LIMITS] > limit)
      .map(([name, limit]) => `${name}: over ${limit}`);
  }

  #take(who: 'host' | 'keeper', pid: number): void {
    try {
      const fds = readdirSync(`/proc/${pid}/fd`).length;
      const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
      this.most[`${who}Fds`] = Math.max(this.most[`${who}Fds`], fds);
      this.most[`${who}MiB`] = Math.max(this.most[`${who}MiB`], Math.round((pages * 4_096) / MiB));
    } catch {
      // It was killed meanwhile.
    }
  }
}

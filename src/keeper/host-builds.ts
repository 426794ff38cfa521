import type { Logger } from '../base/log.ts';
import type { Home } from '../local/home.ts';
import {
  clearFailedBuild,
  failedBuild,
  isNewer,
  isThere,
  sameBuild,
  setFailedBuild,
  unwantBuild,
  wantedBuild,
  type HostBuild,
} from '../local/host-build.ts';
import { EXIT_REFUSES, STARTED_WELL_MS } from './host-process.ts';

/** A new build that dies at its start this often in a row is given up. */
const MAX_DEATHS = 3;

/**
 * Which build the next host is started from: the one somebody wants, unless it does not start; then
 * the last that did. A build that ever ran well here is never given up.
 */
export class HostBuilds {
  readonly #home: Home;
  readonly #own: HostBuild;
  readonly #log: Logger;
  #good: HostBuild;
  #running: HostBuild | null = null;
  #deaths = 0;

  /** Call it once the home is this keeper's alone. */
  constructor(home: Home, own: HostBuild, log: Logger) {
    this.#home = home;
    this.#own = own;
    this.#log = log;
    this.#good = own;
    const wanted = wantedBuild(home);
    // A wish of an earlier keeper's time. It counts for what is newer than we are, whose history a
    // host of ours may not be able to read; an update that came with us has overtaken it else.
    if (wanted !== null && !isNewer(wanted.version, own.version)) unwantBuild(home);
  }

  /** The one to start now. */
  next(): HostBuild {
    // On disk, and read anew: whoever wants the build again takes the mark away.
    const failed = failedBuild(this.#home);
    const build =
      [wantedBuild(this.#home), this.#good].find(
        (each) => each !== null && isThere(each) && (failed === null || !sameBuild(each, failed)),
      ) ?? this.#own;
    if (this.#running === null || !sameBuild(this.#running, build)) this.#deaths = 0;
    this.#running = build;
    return build;
  }

  /** What was started last has exited. `code` is null for a signal. */
  ended({ code, upMs, wasAsked }: { code: number | null; upMs: number; wasAsked: boolean }): void {
    const build = this.#running;
    if (build === null) return;
    if (wasAsked || upMs >= STARTED_WELL_MS) {
      if (upMs >= STARTED_WELL_MS) this.#good = build;
      this.#deaths = 0;
      return;
    }
    const isRefused = code === EXIT_REFUSES;
    if (sameBuild(build, this.#good)) {
      // It cannot read what the new one has written, say: then the new one may try again.
      if (isRefused) clearFailedBuild(this.#home);
      return;
    }
    this.#deaths += 1;
    if (isRefused || this.#deaths >= MAX_DEATHS) this.#giveUp(build);
  }

  #giveUp(build: HostBuild): void {
    const { version, dist } = build;
    this.#log.error(
      { version, dist, deaths: this.#deaths },
      `this build of the host does not start: going back to ${this.#good.version}`,
    );
    try {
      setFailedBuild(this.#home, build);
    } catch {
      // A full disk: what cannot be marked is at least not wanted any more.
      unwantBuild(this.#home);
    }
  }
}

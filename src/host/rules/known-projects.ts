import type { SessionState } from '../../protocol/session/state.ts';
import { projectFolderOf, type ProjectRules, type ProjectState } from './project-rules.ts';

/** A call right after a change may still be judged by what stood there; so little time passes. */
const LOOK_EVERY_MS = 200;
/** Which checkout is around a folder changes hardly ever. */
const PLACES_EVERY_MS = 5_000;
/** Folders that nobody works in, asked about by `rules check` and `rules trust`. */
const MAX_EXTRA = 20;

export interface KnownProjectsNeeds {
  readonly projects: ProjectRules;
  readonly sessions: () => Iterable<Pick<SessionState, 'cwd' | 'origin' | 'archived'>>;
  readonly trusted: () => readonly string[];
  readonly steadyMs: () => number;
}

/** The projects whose own rules matter now: those that sessions work in, are trusted, or were asked about. */
export class KnownProjects {
  readonly #needs: KnownProjectsNeeds;
  readonly #extra = new Set<string>();
  readonly #folders = new Map<string, string>();
  #placesAtMs = Number.NEGATIVE_INFINITY;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #now: ProjectState[] = [];

  constructor(needs: KnownProjectsNeeds) {
    this.#needs = needs;
  }

  /** Without those that have no file. `anew`: looks at each, however short ago that was. */
  all(anew: boolean): readonly ProjectState[] {
    const nowMs = this.#needs.steadyMs();
    if (!anew && nowMs - this.#lookedAtMs < LOOK_EVERY_MS) return this.#now;
    this.#lookedAtMs = nowMs;
    if (anew || nowMs - this.#placesAtMs > PLACES_EVERY_MS) {
      this.#folders.clear();
      this.#placesAtMs = nowMs;
    }
    const { projects, sessions, trusted } = this.#needs;
    const folders = new Set(trusted());
    for (const { cwd, origin, archived } of sessions())
      if (!archived) folders.add(this.#folderOf(cwd, origin?.root ?? null));
    for (const folder of this.#extra) folders.add(folder);
    this.#now = [...folders]
      .sort()
      .map((folder) => projects.of(folder))
      .filter(({ state }) => state !== 'none');
    return this.#now;
  }

  /** From here on also the one that holds for who works there; returns its folder. */
  include(place: { cwd: string; base: string | null }): string {
    const folder = projectFolderOf(place);
    this.#extra.delete(folder);
    this.#extra.add(folder);
    for (const oldest of this.#extra) {
      if (this.#extra.size <= MAX_EXTRA) break;
      this.#extra.delete(oldest);
    }
    return folder;
  }

  #folderOf(cwd: string, base: string | null): string {
    if (base !== null) return base;
    let folder = this.#folders.get(cwd);
    if (folder === undefined) this.#folders.set(cwd, (folder = projectFolderOf({ cwd, base })));
    return folder;
  }
}

import type { Timers } from '../../../src/connection/timers.ts';
import type { AttentionItem } from '../../../src/protocol/attention.ts';

/** What flies past was not seen. */
export const SEEN_AFTER_MS = 1_000;
const LOOK_EVERY_MS = 250;

export interface SeenWatchNeeds {
  readonly timers: Timers;
  /** The page is visible and somebody is active at it. */
  isLookedAt(): boolean;
  /** What nobody has seen yet. */
  unseen(): readonly AttentionItem[];
  isOnScreen(item: AttentionItem): boolean;
  /** What fails is said again with the next connection. */
  tell(ids: string[]): void;
}

/** Says of what has been on screen for a second, before somebody's eyes, that it was seen: once. */
export class SeenWatch {
  readonly #needs: SeenWatchNeeds;
  readonly #since = new Map<string, number>();
  readonly #told = new Set<string>();
  #cancel: (() => void) | null = null;

  constructor(needs: SeenWatchNeeds) {
    this.#needs = needs;
  }

  /** Something came, moved, or somebody is there again. Cheap, and may be called for every touch. */
  look(): void {
    if (this.#cancel === null) this.#tick();
  }

  /** A new connection may not have heard what the last one was told. */
  reconnected(): void {
    this.#told.clear();
    this.look();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#since.clear();
  }

  #tick(): void {
    this.#cancel = null;
    const { timers, unseen, isLookedAt, isOnScreen } = this.#needs;
    const all = unseen();
    const known = new Set(all.map(({ id }) => id));
    for (const id of this.#told) if (!known.has(id)) this.#told.delete(id);
    const waiting = all.filter(({ id }) => !this.#told.has(id));
    // Nothing runs on a page that nobody looks at: the next touch begins anew.
    if (waiting.length === 0 || !isLookedAt()) return this.#since.clear();
    const nowMs = timers.nowMs();
    const shown = new Set(waiting.filter(isOnScreen).map(({ id }) => id));
    for (const id of this.#since.keys()) if (!shown.has(id)) this.#since.delete(id);
    for (const id of shown) if (!this.#since.has(id)) this.#since.set(id, nowMs);
    const seen = [...shown].filter(
      (id) => Math.abs(nowMs - (this.#since.get(id) ?? nowMs)) >= SEEN_AFTER_MS,
    );
    if (seen.length > 0) this.#tell(seen);
    this.#cancel = timers.after(LOOK_EVERY_MS, () => this.#tick());
  }

  #tell(ids: string[]): void {
    for (const id of ids) {
      this.#told.add(id);
      this.#since.delete(id);
    }
    this.#needs.tell(ids);
  }
}

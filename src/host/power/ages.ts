/** What time it is: by the clock that events are stamped with, and by one that is never set. */
export interface Reading {
  readonly stampMs: number;
  readonly steadyMs: number;
}

/**
 * Since when something is there, by a clock that is never set. The stamp in the history counts only
 * for what lies before the first sight of it.
 */
export class Ages {
  readonly #sinceMs = new Map<string, number>();

  sinceMs(key: string, since: string, { stampMs, steadyMs }: Reading): number {
    let found = this.#sinceMs.get(key);
    if (found === undefined) {
      found = steadyMs - Math.max(0, stampMs - Date.parse(since));
      this.#sinceMs.set(key, found);
    }
    return found;
  }

  /** Forgets what is not among them. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#sinceMs.keys()) if (!keys.has(key)) this.#sinceMs.delete(key);
  }
}

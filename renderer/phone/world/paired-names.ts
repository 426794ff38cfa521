import { z } from 'zod';

const KEY = 'porchlight.paired';
const namesSchema = z.array(z.string().max(80)).max(100);

/**
 * The names of the hosts, kept apart from their keys: where these are gone and the names are not,
 * the browser has cleared its database, and the person is told so.
 */
export class PairedNames {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null) {
    this.#storage = storage;
  }

  get(): readonly string[] {
    try {
      return namesSchema.parse(JSON.parse(this.#storage?.getItem(KEY) ?? '[]'));
    } catch {
      return [];
    }
  }

  set(names: readonly string[]): void {
    try {
      if (names.length === 0) this.#storage?.removeItem(KEY);
      else this.#storage?.setItem(KEY, JSON.stringify(names));
    } catch {
      // A full storage costs only these words.
    }
  }
}

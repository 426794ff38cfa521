import { z } from 'zod';
import type { Database } from './database.ts';

const placeSchema = z.object({
  hostId: z.string().nullable(),
  /** The address's fragment, which names the screen. */
  hash: z.string().max(2_000),
  atMs: z.number(),
});
/** Where the person was when the page was last open. */
export type Place = z.infer<typeof placeSchema>;

export class Settings {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async place(): Promise<Place | null> {
    const kept = await this.#database.run((db) => db.get('settings', 'place'));
    return placeSchema.safeParse(kept).data ?? null;
  }

  async setPlace(place: Place): Promise<void> {
    await this.#database.run((db) => db.put('settings', place, 'place'));
  }
}

import type { Database } from '../store/database.ts';
import type { Room } from '../store/room.ts';
import type { StoredPush } from '../store/schema.ts';

/** What is known of each host's pushes, for the pages and the service worker together. */
export class PushStore {
  readonly #database: Database;
  readonly #room: Pick<Room, 'write'>;

  constructor(database: Database, room: Pick<Room, 'write'>) {
    this.#database = database;
    this.#room = room;
  }

  async get(hostId: string): Promise<StoredPush> {
    return (await this.#database.run((db) => db.get('pushes', hostId))) ?? nothingOf(hostId);
  }

  async all(): Promise<readonly StoredPush[]> {
    return await this.#database.run((db) => db.getAll('pushes'));
  }

  /** In one transaction: two at once both count. Gives what is stored then. */
  async change(
    hostId: string,
    change: (known: StoredPush) => Partial<StoredPush>,
  ): Promise<StoredPush> {
    return await this.#room.write(async (db) => {
      const tx = db.transaction('pushes', 'readwrite');
      const known = (await tx.store.get(hostId)) ?? nothingOf(hostId);
      const next = { ...known, ...change(known) };
      await tx.store.put(next);
      await tx.done;
      return next;
    });
  }
}

function nothingOf(hostId: string): StoredPush {
  return {
    ...{ hostId, wanted: null, kinds: null, scope: null, told: null },
    ...{ shown: [], seen: [], badge: 0 },
  };
}

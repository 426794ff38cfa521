import { isQuotaError, type Database } from './database.ts';
import type { PhoneDatabase } from './schema.ts';

/** Of all hosts together. */
export const MAX_KEPT_SESSIONS = 40;
export const MAX_KEPT_BYTES = 24 * 1024 * 1024;

/**
 * Writes that make room when the browser has none left: first the sessions that were not looked at
 * for longest, then every cached list. Keys, counters and what waits to be sent are never dropped.
 */
export class Room {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async write<T>(work: (db: PhoneDatabase) => Promise<T>): Promise<T> {
    try {
      return await this.#database.run(work);
    } catch (error) {
      if (!isQuotaError(error)) throw error;
    }
    await this.#database.run((db) => dropOldest(db, 0.5));
    try {
      return await this.#database.run(work);
    } catch (error) {
      if (!isQuotaError(error)) throw error;
    }
    await this.#database.run(dropCaches);
    return await this.#database.run(work);
  }

  /** Keeps what is cached within its bounds; done when a host is opened. */
  async tidy(): Promise<void> {
    await this.#database.run(async (db) => {
      const newestFirst = (await db.getAllFromIndex('sessions', 'byUse')).toReversed();
      let bytes = 0;
      for (const [index, session] of newestFirst.entries()) {
        bytes += session.bytes;
        if (index < MAX_KEPT_SESSIONS && bytes <= MAX_KEPT_BYTES) continue;
        await dropSession(db, session.hostId, session.sessionId);
      }
    });
  }
}

export async function dropSession(
  db: PhoneDatabase,
  hostId: string,
  sessionId: string,
): Promise<void> {
  const tx = db.transaction(['sessions', 'events'], 'readwrite');
  await Promise.all([
    tx.objectStore('sessions').delete([hostId, sessionId]),
    tx.objectStore('events').delete(eventsOf(hostId, sessionId)),
    tx.done,
  ]);
}

export function eventsOf(hostId: string, sessionId: string, upTo = Infinity): IDBKeyRange {
  return IDBKeyRange.bound([hostId, sessionId, 0], [hostId, sessionId, upTo]);
}

/** All of one host: an array sorts after every number and string. */
export function allOf(hostId: string): IDBKeyRange {
  return IDBKeyRange.bound([hostId], [hostId, []]);
}

async function dropOldest(db: PhoneDatabase, share: number): Promise<void> {
  const oldestFirst = await db.getAllFromIndex('sessions', 'byUse');
  for (const { hostId, sessionId } of oldestFirst.slice(0, Math.ceil(oldestFirst.length * share)))
    await dropSession(db, hostId, sessionId);
}

async function dropCaches(db: PhoneDatabase): Promise<void> {
  const tx = db.transaction(['sessions', 'events', 'desks'], 'readwrite');
  await Promise.all([
    tx.objectStore('sessions').clear(),
    tx.objectStore('events').clear(),
    tx.objectStore('desks').clear(),
    tx.done,
  ]);
}

import type { Role } from '../../../src/protocol/devices.ts';
import type { ServiceStatus } from '../../../src/protocol/reach.ts';
import type { StoredKeys } from '../keys/stored-keys.ts';
import type { Database } from './database.ts';
import { allOf, type Room } from './room.ts';
import type { StoredHost } from './schema.ts';

const PENDING = 'keys';

/** The hosts this phone knows, with its keys and counters for each. Nothing here is ever dropped for room. */
export class Hosts {
  readonly #database: Database;
  readonly #room: Room;
  readonly #nowMs: () => number;

  constructor(database: Database, room: Room, nowMs: () => number) {
    this.#database = database;
    this.#room = room;
    this.#nowMs = nowMs;
  }

  /** The one paired first comes first. */
  async all(): Promise<StoredHost[]> {
    const hosts = await this.#database.run((db) => db.getAll('hosts'));
    return hosts.toSorted((a, b) => a.pairedAtMs - b.pairedAtMs);
  }

  async get(hostId: string): Promise<StoredHost | null> {
    return (await this.#database.run((db) => db.get('hosts', hostId))) ?? null;
  }

  /**
   * Stores keys before a pairing begins and gives them as they came out of the storage again: a
   * browser that cannot keep its own keys must show it now, and not after the host has agreed. null:
   * they did not come out.
   */
  async proveKeys(keys: StoredKeys): Promise<StoredKeys | null> {
    try {
      await this.#room.write((db) => db.put('pending', keys, PENDING));
    } catch (error) {
      // Some private windows take bytes and no keys of the browser's own.
      if (error instanceof DOMException && error.name === 'DataCloneError') return null;
      throw error;
    }
    return (await this.#database.run((db) => db.get('pending', PENDING))) ?? null;
  }

  /** null: the browser has lost them, and the host must be paired anew. */
  async keysOf(hostId: string): Promise<StoredKeys | null> {
    return (await this.#database.run((db) => db.get('keys', hostId))) ?? null;
  }

  /** After the host agreed. The counter of an earlier pairing with the same host is kept: it may only rise. */
  async add(host: StoredHost, keys: StoredKeys): Promise<void> {
    await this.#room.write(async (db) => {
      const tx = db.transaction(['hosts', 'keys', 'pending'], 'readwrite', {
        durability: 'strict',
      });
      await Promise.all([
        tx.objectStore('hosts').put(host),
        tx.objectStore('keys').put(keys, host.hostId),
        tx.objectStore('pending').delete(PENDING),
        tx.done,
      ]);
    });
  }

  async change(
    hostId: string,
    change: {
      name?: string;
      seenAtMs?: number;
      asleepSinceMs?: number | null;
      device?: { id: string; name: string; role: Role };
      service?: ServiceStatus;
      stoppedAtMs?: number | null;
    },
  ): Promise<void> {
    await this.#room.write(async (db) => {
      const tx = db.transaction('hosts', 'readwrite');
      const host = await tx.store.get(hostId);
      if (host !== undefined) await tx.store.put({ ...host, ...change });
      await tx.done;
    });
  }

  /** Its keys, its counter, its history and what waits for it. */
  async forget(hostId: string): Promise<void> {
    await this.#database.run(async (db) => {
      const tx = db.transaction(
        ['hosts', 'keys', 'counters', 'desks', 'sessions', 'events', 'outbox', 'audits', 'pushes'],
        'readwrite',
        { durability: 'strict' },
      );
      const all = allOf(hostId);
      await Promise.all([
        tx.objectStore('hosts').delete(hostId),
        tx.objectStore('keys').delete(hostId),
        tx.objectStore('counters').delete(hostId),
        tx.objectStore('desks').delete(hostId),
        tx.objectStore('audits').delete(hostId),
        tx.objectStore('pushes').delete(hostId),
        tx.objectStore('sessions').delete(all),
        tx.objectStore('events').delete(all),
        tx.objectStore('outbox').delete(all),
        tx.done,
      ]);
    });
  }

  /**
   * One transaction reads and writes, and transactions on one store run one after the other, also
   * those of other tabs: no two get the same. Not below the clock either, so that a storage put
   * back from an old copy does not give a counter that the host has seen.
   */
  async nextCounter(hostId: string): Promise<number> {
    return await this.#room.write(async (db) => {
      const tx = db.transaction('counters', 'readwrite', { durability: 'strict' });
      const last = (await tx.store.get(hostId)) ?? 0;
      const next = Math.max(last + 1, this.#nowMs());
      await tx.store.put(next, hostId);
      await tx.done;
      return next;
    });
  }
}

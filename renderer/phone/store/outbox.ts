import type { OutboxEntry, OutboxStore } from '../../../src/connection/device/ports.ts';
import type { CommandId } from '../../../src/protocol/ids.ts';
import type { Changes } from './changes.ts';
import type { Database } from './database.ts';
import type { Room } from './room.ts';

/** What waits for one host. Durable before `put` resolves: the person was told that it will be sent. */
export class StoredOutbox implements OutboxStore {
  readonly #database: Database;
  readonly #room: Room;
  readonly #hostId: string;
  readonly #changes: Changes;

  constructor(database: Database, room: Room, hostId: string, changes: Changes) {
    this.#database = database;
    this.#room = room;
    this.#hostId = hostId;
    this.#changes = changes;
  }

  async all(): Promise<readonly OutboxEntry[]> {
    const kept = await this.#database.run((db) =>
      db.getAllFromIndex('outbox', 'byOrder', this.#range()),
    );
    return kept.map(({ entry }) => entry);
  }

  async put(entry: OutboxEntry): Promise<void> {
    const { commandId } = entry;
    await this.#room.write(async (db) => {
      const tx = db.transaction('outbox', 'readwrite', { durability: 'strict' });
      const known = await tx.store.get([this.#hostId, commandId]);
      const last = await tx.store.index('byOrder').openCursor(this.#range(), 'prev');
      const order = known?.order ?? (last?.value.order ?? 0) + 1;
      await tx.store.put({ hostId: this.#hostId, commandId, order, entry });
      await tx.done;
    });
    this.#changes.tell(`outbox.${this.#hostId}`);
  }

  async remove(commandId: CommandId): Promise<void> {
    await this.#database.run((db) => db.delete('outbox', [this.#hostId, commandId]));
    this.#changes.tell(`outbox.${this.#hostId}`);
  }

  on(changed: () => void): () => void {
    return this.#changes.on(`outbox.${this.#hostId}`, changed);
  }

  #range(): IDBKeyRange {
    return IDBKeyRange.bound([this.#hostId, 0], [this.#hostId, Infinity]);
  }
}

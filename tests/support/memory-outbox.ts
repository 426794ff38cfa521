import type { OutboxEntry, OutboxStore } from '../../src/connection/device/ports.ts';

/** Outlives a device that is thrown away and made anew, as a phone's storage does. */
export class MemoryOutbox implements OutboxStore {
  readonly #entries = new Map<string, OutboxEntry>();
  readonly #listeners = new Set<() => void>();

  all(): Promise<readonly OutboxEntry[]> {
    return Promise.resolve([...this.#entries.values()]);
  }

  put(entry: OutboxEntry): Promise<void> {
    this.#entries.set(entry.commandId, entry);
    this.#tell();
    return Promise.resolve();
  }

  remove(commandId: OutboxEntry['commandId']): Promise<void> {
    this.#entries.delete(commandId);
    this.#tell();
    return Promise.resolve();
  }

  on(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => void this.#listeners.delete(changed);
  }

  #tell(): void {
    for (const changed of this.#listeners) queueMicrotask(changed);
  }
}

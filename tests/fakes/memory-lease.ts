import type { LeaseEntry, LeaseStore } from '../../src/relay/notes/lease-store.ts';

/** The record that all nodes see. */
export class MemoryLease implements LeaseStore {
  entry: LeaseEntry | null = null;
  #revision = 0;

  async read(): Promise<LeaseEntry | null> {
    return await Promise.resolve(this.entry);
  }

  async write(text: string, over: number | null): Promise<number | null> {
    await Promise.resolve();
    if ((this.entry?.revision ?? null) !== over) return null;
    this.#revision += 1;
    this.entry = { text, revision: this.#revision };
    return this.#revision;
  }
}

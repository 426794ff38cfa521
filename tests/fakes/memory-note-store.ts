import type { NoteStore } from '../../src/relay/notes/note-store.ts';

/** Notes in memory, with what a kill would leave of them. */
export class MemoryNoteStore implements NoteStore {
  readonly #durable: Map<string, string>;
  readonly #pending: [string, string | null][] = [];
  /** Called before each write; may throw, or hold it up. */
  beforeWrite: () => Promise<void> = async () => await Promise.resolve();
  writes = 0;

  constructor(kept: ReadonlyMap<string, string> = new Map()) {
    this.#durable = new Map(kept);
  }

  async open(): Promise<{ kept: ReadonlyMap<string, string>; damaged: number }> {
    return await Promise.resolve({ kept: new Map(this.#durable), damaged: 0 });
  }

  put(key: string, text: string | null): void {
    this.#pending.push([key, text]);
  }

  async durable(): Promise<void> {
    await this.beforeWrite();
    this.writes += 1;
    for (const [key, text] of this.#pending.splice(0))
      if (text === null) this.#durable.delete(key);
      else this.#durable.set(key, text);
  }

  async close(): Promise<void> {
    await this.durable();
  }

  /** A store with what was durable when its relay was killed. */
  afterKill(): MemoryNoteStore {
    return new MemoryNoteStore(this.#durable);
  }

  /** Keys that are durable. */
  get keys(): string[] {
    return [...this.#durable.keys()];
  }
}

import type { Clock } from '../../src/relay/clock.ts';
import { NotesOfAnother, type SharedNoteStore } from '../../src/relay/notes/note-store.ts';

/** What all nodes see: of each key the text and a number for each change. */
export class MemoryDisk {
  readonly entries = new Map<string, { readonly text: string | null; readonly revision: number }>();
  revision = 0;

  get kept(): Map<string, string> {
    const kept = new Map<string, string>();
    for (const [key, { text }] of this.entries) if (text !== null) kept.set(key, text);
    return kept;
  }
}

const LAZY_MS = 500;

/** One node's view of it. `write` is each single change, as it goes out: it may wait, throw, or never end. */
export class MemorySharedNotes implements SharedNoteStore {
  readonly #disk: MemoryDisk;
  readonly #clock: Clock;
  readonly #write: (act: () => void) => Promise<void>;
  readonly #known = new Map<string, number>();
  #pending: [string, string | null][] = [];
  #running: Promise<void> = Promise.resolve();
  #isStale = false;
  #isAbandoned = false;

  constructor(disk: MemoryDisk, clock: Clock, write: (act: () => void) => Promise<void>) {
    this.#disk = disk;
    this.#clock = clock;
    this.#write = write;
  }

  async open(): Promise<{ kept: ReadonlyMap<string, string>; damaged: number }> {
    await this.#write(() => {
      for (const [key, { revision }] of this.#disk.entries) this.#known.set(key, revision);
    });
    return { kept: this.#disk.kept, damaged: 0 };
  }

  put(key: string, text: string | null): void {
    if (this.#isAbandoned) return;
    this.#pending.push([key, text]);
    this.#clock.after(LAZY_MS, () => void this.durable().catch(() => {}));
  }

  async durable(): Promise<void> {
    const turn = this.#running.catch(() => {}).then(async () => await this.#flush());
    this.#running = turn;
    await turn;
  }

  async close(): Promise<void> {
    await this.durable();
  }

  abandon(): void {
    this.#isAbandoned = true;
    this.#pending = [];
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      await this.#write(() => this.#change());
    }
    if (this.#isStale) throw new NotesOfAnother('Somebody else has written there.');
  }

  #change(): void {
    const [next] = this.#pending.splice(0, 1);
    if (next === undefined || this.#isStale) return;
    const [key, text] = next;
    if (this.#disk.entries.get(key)?.revision !== this.#known.get(key)) {
      this.#isStale = true;
      return;
    }
    this.#disk.revision += 1;
    this.#disk.entries.set(key, { text, revision: this.#disk.revision });
    this.#known.set(key, this.#disk.revision);
  }
}

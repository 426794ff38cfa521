import type { Fence } from './host-notes.ts';
import { NotesOfAnother, type NoteStore, type SharedNoteStore } from './note-store.ts';

/** A store that takes nothing more from one who may not keep notes any more: another one does. */
export class FencedStore implements NoteStore {
  readonly #store: SharedNoteStore;
  readonly #fence: Pick<Fence, 'holds'>;
  readonly #onStale: () => void;

  /** `onStale`: somebody else has written there, so what is known here has to be read again. */
  constructor(store: SharedNoteStore, fence: Pick<Fence, 'holds'>, onStale: () => void) {
    this.#store = store;
    this.#fence = fence;
    this.#onStale = onStale;
  }

  async open(): ReturnType<NoteStore['open']> {
    return await this.#store.open();
  }

  put(key: string, text: string | null): void {
    if (this.#fence.holds()) this.#store.put(key, text);
  }

  async durable(): Promise<void> {
    try {
      await this.#store.durable();
    } catch (error) {
      if (error instanceof NotesOfAnother) this.#onStale();
      throw error;
    }
    // What another keeper has read by now may be without it.
    if (!this.#fence.holds()) throw new NotesOfAnother('Another node keeps the notes now.');
  }

  async close(): Promise<void> {
    if (this.#fence.holds()) await this.#store.close();
    else this.#store.abandon();
  }
}

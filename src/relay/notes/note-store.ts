/**
 * Where a relay keeps its notes: a text under a key. Files are one way, see `file-store.ts`; all ways
 * pass `tests/contracts/note-store.ts`.
 *
 * Keys are ASCII of `[\w.-]`, at most 100 characters; texts are one line.
 */
export interface NoteStore {
  /** All that was durable, and what of it could not be read. First, once. Throws in words. */
  open(): Promise<{ readonly kept: ReadonlyMap<string, string>; readonly damaged: number }>;
  /** Takes the place of what was there; null takes it away. Durable within a second, or by `durable`. */
  put(key: string, text: string | null): void;
  /** All that was put before is on the disk when it resolves. Rejects, in words, when it is not. */
  durable(): Promise<void>;
  /** What was put is made durable first, where that can be done. */
  close(): Promise<void>;
}

/**
 * One that several processes may have open. Where another has written a key since this one has read or
 * written it, a change of it is not made, and `durable` rejects with {@link NotesOfAnother} from then
 * on: what this one knows is stale, it has to be opened anew. In JetStream it is already so once another
 * has opened it: the one that did so last is the only one whose changes are taken.
 */
export interface SharedNoteStore extends NoteStore {
  /** What is not durable yet is left undone, and nothing more is taken. Instead of `close`. */
  abandon(): void;
}

export class NotesOfAnother extends Error {
  override name = 'NotesOfAnother';
}

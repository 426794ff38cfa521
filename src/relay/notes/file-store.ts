import { chmod, mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { JOURNAL_HEAD, journalLine, readJournal } from './journal-line.ts';
import type { NoteStore } from './note-store.ts';

/** What nobody waits for is written together with what else comes in this time. */
const LAZY_MS = 500;
/** A journal is written anew when it is so much longer than what holds, and not a small one. */
const WASTE = 4;
const SMALL_BYTES = 4 * 1024 * 1024;
const CHUNK_CHARS = 1024 * 1024;
const MAX_BYTES = 1024 * 1024 * 1024;

/**
 * Notes in a journal: each change is a line at its end, and all that come while one write is on its
 * way to the disk go with the next, so that thousands of renewals cost a write or two a second.
 */
export class FileStore implements NoteStore {
  readonly #folder: string;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #onFailed: (problem: string) => void;
  readonly #kept = new Map<string, string>();
  #keptChars = 0;
  #pending = new Map<string, string | null>();
  #file: FileHandle | null = null;
  #journalChars = 0;
  /** The one that runs or ran last; never rejects. */
  #running: Promise<unknown> = Promise.resolve();
  /** The one that takes all that was put until it begins. */
  #next: Promise<void> | null = null;
  #isDueLazily = false;
  /** What is on the disk is not known: it is written anew as a whole. */
  #isDoubtful = true;
  /** Somebody else's now. */
  #isLost = false;

  /** `onFailed` is told of what nobody waits for; the next write tries all of it again. */
  constructor(folder: string, clock: Clock, onFailed: (problem: string) => void) {
    this.#folder = folder;
    this.#path = join(folder, 'notes.journal');
    this.#clock = clock;
    this.#onFailed = onFailed;
  }

  async open(): Promise<{ kept: ReadonlyMap<string, string>; damaged: number }> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    // The endpoints in it are secrets, whatever made the folder.
    await chmod(this.#folder, 0o700).catch(() => {});
    const bytes = await this.#read();
    const { kept, damaged, head } = readJournal(bytes);
    if (head !== null)
      throw new Error(
        `${this.#path} is not of this version of Porchlight: use the one that wrote it, or move the file away, which forgets the notes in it.`,
      );
    for (const [key, text] of kept) this.#keep(key, text);
    // Also rids it of a torn tail, and tells now rather than later whether it can be written.
    await this.durable();
    return { kept, damaged };
  }

  put(key: string, text: string | null): void {
    this.#keep(key, text);
    this.#pending.set(key, text);
    if (this.#isDueLazily) return;
    this.#isDueLazily = true;
    this.#clock.after(LAZY_MS, () => {
      this.#isDueLazily = false;
      if (this.#pending.size > 0)
        this.durable().catch((error: unknown) => this.#onFailed(messageOf(error)));
    });
  }

  async durable(): Promise<void> {
    if (this.#next === null) {
      const next = this.#running.then(async () => await this.#flush());
      this.#next = next;
      this.#running = next.catch(() => {});
    }
    return await this.#next;
  }

  async close(): Promise<void> {
    try {
      await this.durable();
    } finally {
      await this.#file?.close();
      this.#file = null;
      this.#isLost = true;
    }
  }

  async #flush(): Promise<void> {
    this.#next = null;
    const batch = this.#pending;
    this.#pending = new Map();
    if (this.#isLost) throw new Error(`Another relay keeps its notes in ${this.#folder} now.`);
    if (batch.size === 0 && !this.#isDoubtful) return;
    try {
      const isWasteful = this.#journalChars > Math.max(SMALL_BYTES, WASTE * this.#keptChars);
      if (this.#isDoubtful || isWasteful) await this.#writeAnew();
      else await this.#append(batch);
    } catch (error) {
      // After a failed sync nobody knows what of it the disk has.
      this.#isDoubtful = true;
      throw new Error(`The notes cannot be written to ${this.#folder}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async #append(batch: ReadonlyMap<string, string | null>): Promise<void> {
    const file = this.#file;
    if (file === null) throw new Error('the journal is not open');
    const [ours, there] = await Promise.all([file.stat(), stat(this.#path).catch(() => null)]);
    // One that was removed is made again; one that is another relay's stays that.
    if (there === null) return await this.#writeAnew();
    if (there.ino !== ours.ino || there.dev !== ours.dev) {
      this.#isLost = true;
      throw new Error('another relay has taken the folder for its own');
    }
    await this.#write(file, batch);
    await file.datasync();
  }

  /** After a power cut it is the old journal or the new one. */
  async #writeAnew(): Promise<void> {
    const fresh = `${this.#path}.new`;
    const entries = [...this.#kept];
    await rm(fresh, { force: true });
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.write(JOURNAL_HEAD);
      this.#journalChars = 0;
      await this.#write(file, entries);
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#file?.close();
    this.#file = null;
    await rename(fresh, this.#path);
    this.#file = await open(this.#path, 'a', 0o600);
    await syncFolder(this.#folder);
    this.#isDoubtful = false;
  }

  async #write(file: FileHandle, lines: Iterable<readonly [string, string | null]>): Promise<void> {
    let chunk = '';
    const flush = async (): Promise<void> => {
      this.#journalChars += chunk.length;
      // Unlike `write` it goes on where the system took only a part.
      await file.writeFile(chunk);
      chunk = '';
    };
    for (const [key, text] of lines) {
      chunk += journalLine(key, text);
      if (chunk.length >= CHUNK_CHARS) await flush();
    }
    if (chunk !== '') await flush();
  }

  #keep(key: string, text: string | null): void {
    this.#keptChars -= this.#kept.get(key)?.length ?? 0;
    if (text === null) this.#kept.delete(key);
    else this.#kept.set(key, text);
    this.#keptChars += text?.length ?? 0;
  }

  async #read(): Promise<Buffer> {
    const found = await stat(this.#path).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (found === null) return Buffer.from(JOURNAL_HEAD);
    if (!found.isFile() || found.size > MAX_BYTES)
      throw new Error(`${this.#path} is not the file that it should be: move it away.`);
    // Cut off before its first line was whole.
    return found.size < JOURNAL_HEAD.length
      ? Buffer.from(JOURNAL_HEAD)
      : await readFile(this.#path);
  }
}

/** The rename is durable only with its folder; Windows cannot open one, and needs it not. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL'].includes(codeOf(error))) throw error;
  } finally {
    await handle?.close();
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

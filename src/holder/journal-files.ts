import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Timers } from '../connection/timers.ts';
import { makeFolder } from '../local/home.ts';
import { POWER_JOURNAL_ENTRY } from '../local/power-journal.ts';
import { acquireLock, releaseLock, type ProcessKey } from '../local/process-lock.ts';
import {
  journalEntrySchema,
  type IsAlive,
  type Journal,
  type JournalCell,
  type JournalEntry,
} from './journal.ts';

const LOCK_LIMIT_MS = 10_000;
const LOCK_LOOK_MS = 20;
/** Far more than any system has settings of ours. */
const MAX_ENTRIES = 200;

export interface JournalFilesDeps {
  readonly folder: string;
  readonly me: () => Promise<ProcessKey>;
  readonly isAlive: IsAlive;
  readonly timers: Timers;
  /** A file that is no entry was kept aside as `file`. */
  readonly onDamaged: (file: string) => void;
}

/**
 * One file a setting, so that a setting whose tool hangs keeps no other waiting, and a damaged one
 * takes no other with it.
 */
export class JournalFiles implements Journal {
  readonly #deps: JournalFilesDeps;
  /** Turns within this process; the lock on disk knows processes only. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(deps: JournalFilesDeps) {
    this.#deps = deps;
  }

  async withEntry<T>(id: string, work: (cell: JournalCell) => Promise<T>): Promise<T> {
    const name = nameOf(id);
    const before = this.#turns.get(name) ?? Promise.resolve();
    const turn = before.then(async () => await this.#locked(name, id, work));
    const settled = turn.catch(() => {});
    this.#turns.set(name, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(name) === settled) this.#turns.delete(name);
    }
  }

  ids(): readonly string[] {
    return this.#names()
      .slice(0, MAX_ENTRIES)
      .flatMap((name) => this.#read(name)?.id ?? []);
  }

  async #locked<T>(name: string, id: string, work: (cell: JournalCell) => Promise<T>): Promise<T> {
    const { folder, timers } = this.#deps;
    const lock = join(folder, 'locks', name);
    makeFolder(lock);
    const me = await this.#deps.me();
    for (let waitedMs = 0; ; waitedMs += LOCK_LOOK_MS) {
      const { isAlive } = this.#deps;
      const result = await acquireLock(lock, me, isAlive);
      if (result.held) break;
      if (waitedMs >= LOCK_LIMIT_MS)
        throw new Error(
          `Another Porchlight on this machine (process ${result.by.pid}) has been changing the same setting for ${LOCK_LIMIT_MS / 1_000} s: ${id}`,
        );
      await new Promise<void>((resolve) => void timers.after(LOCK_LOOK_MS, resolve));
    }
    try {
      return await work(this.#cell(name));
    } finally {
      releaseLock(lock, me);
    }
  }

  #cell(name: string): JournalCell {
    const file = this.#fileOf(name);
    return {
      read: () => this.#read(name),
      write: (entry) => this.#write(file, entry),
      remove: () => {
        rmSync(file, { force: true });
        syncFolder(this.#deps.folder);
      },
    };
  }

  #write(file: string, entry: JournalEntry): void {
    const draft = `${file}.${process.pid}`;
    const descriptor = openSync(draft, 'w', 0o600);
    try {
      writeSync(descriptor, JSON.stringify(entry));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, file);
    syncFolder(this.#deps.folder);
  }

  #read(name: string): JournalEntry | null {
    const file = this.#fileOf(name);
    let text: string;
    try {
      text = readFileSync(file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }
    const entry = parsed(text);
    // A file of another name is a copy that somebody made.
    if (entry !== null && nameOf(entry.id) === name) return entry;
    const aside = `${file}.damaged`;
    renameSync(file, aside);
    this.#deps.onDamaged(aside);
    return null;
  }

  #names(): string[] {
    try {
      return readdirSync(this.#deps.folder)
        .filter((name) => POWER_JOURNAL_ENTRY.test(name))
        .map((name) => name.slice(0, -'.json'.length));
    } catch {
      // There was never one.
      return [];
    }
  }

  #fileOf(name: string): string {
    return join(this.#deps.folder, `${name}.json`);
  }
}

function nameOf(id: string): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}

function parsed(text: string): JournalEntry | null {
  try {
    return journalEntrySchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** A rename is on disk with its folder. Windows syncs no folders, and needs none on NTFS. */
function syncFolder(folder: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(folder, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(descriptor);
  } catch {
    // Some network file systems sync no folders either.
  } finally {
    closeSync(descriptor);
  }
}

import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { z } from 'zod';

/**
 * What the last host saw of its database, kept beside it. A database that is behind its mark, or is
 * not the file the mark speaks of, was put there by someone (a backup, another disk): its history
 * need not continue what surfaces have seen, so it gets a new epoch.
 */
const markSchema = z.object({
  epoch: z.string(),
  /** How often the database had been opened. */
  opens: z.number(),
  /** Events in it when the mark was last written; it may have more by now. */
  events: z.number(),
  /** File number and birth time: a copy has others. */
  file: z.string(),
});
export type EpochMark = z.infer<typeof markSchema>;

export function markPath(databasePath: string): string {
  return `${databasePath}.mark.json`;
}

/** null when there is none, or it cannot be read: both mean that nothing is known. */
export function readMark(databasePath: string): EpochMark | null {
  try {
    return markSchema.parse(JSON.parse(readFileSync(markPath(databasePath), 'utf8')));
  } catch {
    return null;
  }
}

/** Longer than any mark is; the rest is blanks, so that a shorter one leaves nothing behind. */
const MARK_CHARS = 512;

/**
 * The mark on disk: never ahead of what is durable in the database; losing it, or half of it, only
 * costs surfaces a fresh start. The first time it is put there whole, then it is written over where
 * it lies: a rename every few hundred events would hold up the commits after it.
 */
export class MarkFile {
  readonly #path: string;
  #fd: number | null = null;

  constructor(databasePath: string) {
    this.#path = markPath(databasePath);
  }

  write(mark: EpochMark): void {
    const text = JSON.stringify(mark).padEnd(MARK_CHARS);
    if (this.#fd === null) {
      const fresh = `${this.#path}.new`;
      writeFileSync(fresh, text, { mode: 0o600 });
      renameSync(fresh, this.#path);
      this.#fd = openSync(this.#path, 'r+');
    } else writeSync(this.#fd, text, 0);
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }
}

export function fileIdentity(path: string): string {
  const { ino, birthtimeMs } = statSync(path, { bigint: true });
  return `${ino}:${birthtimeMs}`;
}

export function isContinuation(mark: EpochMark | null, database: EpochMark): boolean {
  return (
    mark !== null &&
    mark.epoch === database.epoch &&
    mark.file === database.file &&
    mark.opens <= database.opens &&
    mark.events <= database.events
  );
}

import { randomUUID } from 'node:crypto';
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
import type { Logger } from '../../base/log.ts';

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
class MarkFile {
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

/** The epoch of a history, and the mark that moves with it. */
export class HistoryMark {
  readonly #path: string;
  readonly #log: Logger;
  readonly #file: MarkFile;
  #mark: EpochMark | null = null;

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
    this.#file = new MarkFile(path);
  }

  /**
   * Keeps the epoch while the database continues what its mark speaks of, else makes a new one.
   * `keep` puts it into the database; only then is it marked.
   */
  settle(found: EpochMark, keep: (mark: EpochMark) => void): string {
    const known = readMark(this.#path);
    const isNew = found.epoch === '';
    const continues = !isNew && isContinuation(known, found);
    if (!isNew && !continues)
      this.#log.warn(
        { path: this.#path, known, found },
        'this history was restored or copied: it gets a new epoch',
      );
    const mark = {
      ...found,
      epoch: continues ? found.epoch : randomUUID(),
      // Over what the mark knows, so that this file is not taken for a restored one next time.
      opens: Math.max(found.opens, known?.opens ?? 0) + 1,
    };
    keep(mark);
    this.#mark = mark;
    this.#write(mark);
    return mark.epoch;
  }

  move(events: number): void {
    if (this.#mark === null || events === 0) return;
    this.#mark = { ...this.#mark, events: this.#mark.events + events };
    this.#write(this.#mark);
  }

  close(): void {
    this.#file.close();
  }

  #write(mark: EpochMark): void {
    try {
      this.#file.write(mark);
    } catch (error) {
      this.#log.warn(
        { path: this.#path, error: String(error) },
        'the mark beside the history cannot be written',
      );
    }
  }
}

export function fileIdentity(path: string): string {
  const { ino, birthtimeMs } = statSync(path, { bigint: true });
  return `${ino}:${birthtimeMs}`;
}

function isContinuation(mark: EpochMark | null, database: EpochMark): boolean {
  return (
    mark !== null &&
    mark.epoch === database.epoch &&
    mark.file === database.file &&
    mark.opens <= database.opens &&
    mark.events <= database.events
  );
}

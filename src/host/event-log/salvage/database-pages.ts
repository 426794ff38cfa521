import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { readWriteAheadLog } from './write-ahead-log.ts';

/** What every database of ours has; it may be the header, where SQLite keeps it, that is damaged. */
export const PAGE_BYTES = 4_096;

/** The pages of a database and its write-ahead log as they lie on the disk, read without SQLite. */
export class DatabasePages {
  readonly count: number;
  readonly #fd: number;
  readonly #wal: number | null;
  readonly #inWal: ReadonlyMap<number, number>;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.#inWal = readWriteAheadLog(`${path}-wal`, PAGE_BYTES).pages;
    this.#wal = this.#inWal.size === 0 ? null : openSync(`${path}-wal`, 'r');
    const inFile = Math.ceil(fstatSync(this.#fd).size / PAGE_BYTES);
    this.count = [...this.#inWal.keys()].reduce((most, page) => Math.max(most, page), inFile);
  }

  close(): void {
    closeSync(this.#fd);
    if (this.#wal !== null) closeSync(this.#wal);
  }

  /** Null for a page that is not there, or that the disk does not give. A short one ends in zeros. */
  read(page: number): Buffer | null {
    if (page < 1 || page > this.count) return null;
    const bytes = Buffer.alloc(PAGE_BYTES);
    const inWal = this.#inWal.get(page);
    try {
      const read =
        inWal !== undefined && this.#wal !== null
          ? readSync(this.#wal, bytes, 0, PAGE_BYTES, inWal)
          : readSync(this.#fd, bytes, 0, PAGE_BYTES, (page - 1) * PAGE_BYTES);
      return read === 0 ? null : bytes;
    } catch {
      return null;
    }
  }

  /** Pages that hold nothing any more, though what they held may still be on them. */
  free(): Set<number> {
    const free = new Set<number>();
    const header = this.read(1);
    if (header === null) return free;
    for (let trunk = header.readUInt32BE(32); trunk !== 0 && !free.has(trunk);) {
      const page = this.read(trunk);
      const leaves = page?.readUInt32BE(4) ?? Infinity;
      if (page === null || leaves > PAGE_BYTES / 4 - 2) break;
      free.add(trunk);
      for (let i = 0; i < leaves; i += 1) free.add(page.readUInt32BE(8 + 4 * i));
      trunk = page.readUInt32BE(0);
    }
    return free;
  }
}

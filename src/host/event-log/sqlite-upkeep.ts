import type Database from 'libsql';
import { eventKey } from './schema.ts';
import { rowOf, rowsOf } from './sqlite-rows.ts';

/** Rows of one delete: what they weigh differs by a factor of ten thousand, so bytes count too. */
const MAX_ROWS = 256;
const MAX_BYTES = 512 * 1024;
/** Pages of one step back to the disk: a fraction of a millisecond each. */
const MAX_PAGES = 32;
/** Pages in the write-ahead log before they are moved on: SQLite's own 1,000 take 20 ms at once. */
const CHECKPOINT_PAGES = 200;
const USUAL_CHECKPOINT_PAGES = 1_000;
/** Free pages that are kept for what comes, so that the file does not breathe with every prompt. */
const SPARE_PAGES = 512;

/** What a database needs done when nobody waits: in pieces, each a transaction of its own. */
export class SqliteUpkeep {
  readonly #db: Database.Database;
  readonly #nextRows: Database.Statement;
  readonly #deleteRows: Database.Statement;
  /** The write-ahead log holds what was cleared, and is as long. */
  #hasCleared = false;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#nextRows = db.prepare(
      'SELECT key, octet_length(body) AS bytes FROM events WHERE key > ? AND key < ? ORDER BY key LIMIT ?',
    );
    this.#deleteRows = db.prepare('DELETE FROM events WHERE key > ? AND key <= ?');
  }

  step(budgetMs: number): 'more' | 'done' {
    this.#db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    try {
      return this.#pieces(budgetMs);
    } finally {
      this.#db.exec(`PRAGMA wal_autocheckpoint = ${USUAL_CHECKPOINT_PAGES}`);
    }
  }

  #pieces(budgetMs: number): 'more' | 'done' {
    const until = performance.now() + budgetMs;
    while (this.#clearSome() || this.#shrinkSome()) {
      this.#hasCleared = true;
      if (performance.now() >= until) return 'more';
    }
    if (this.#hasCleared) this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#hasCleared = false;
    return 'done';
  }

  #clearSome(): boolean {
    const no = rowOf<{ no: number }>(
      this.#db.prepare('SELECT no FROM forgotten ORDER BY no LIMIT 1'),
    )?.no;
    if (no === undefined) return false;
    const rows = rowsOf<{ key: number; bytes: number }>(
      this.#nextRows,
      eventKey(no, 0),
      eventKey(no + 1, 0),
      MAX_ROWS,
    );
    const last = lastWithin(rows, MAX_BYTES);
    if (last === null) this.#db.prepare('DELETE FROM forgotten WHERE no = ?').run(no);
    // What is forgotten is not to be read off the disk, nor to come back from a damaged file.
    else this.#erasing(() => this.#deleteRows.run(eventKey(no, 0), last));
    return true;
  }

  #erasing(act: () => void): void {
    this.#db.exec('PRAGMA secure_delete = ON');
    try {
      act();
    } finally {
      this.#db.exec('PRAGMA secure_delete = OFF');
    }
  }

  #shrinkSome(): boolean {
    const free = this.#freePages();
    if (free <= SPARE_PAGES) return false;
    // Each row it gives is a page moved: they have to be asked for.
    this.#db.prepare(`PRAGMA incremental_vacuum(${Math.min(MAX_PAGES, free - SPARE_PAGES)})`).all();
    // A file of before, too large to be rewritten, keeps its free pages.
    return this.#freePages() < free;
  }

  #freePages(): number {
    return (
      rowOf<{ freelist_count: number }>(this.#db.prepare('PRAGMA freelist_count'))
        ?.freelist_count ?? 0
    );
  }
}

function lastWithin(
  rows: readonly { key: number; bytes: number }[],
  maxBytes: number,
): number | null {
  let total = 0;
  let last: number | null = null;
  for (const { key, bytes } of rows) {
    total += bytes;
    if (last !== null && total > maxBytes) break;
    last = key;
  }
  return last;
}

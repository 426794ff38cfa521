import type Database from 'libsql';
import { eventKey } from './schema.ts';
import { rowOf, rowsOf } from './sqlite-rows.ts';

/** Rows of one delete: what they weigh differs by a factor of ten thousand, so bytes count too. */
const MAX_ROWS = 256;
const MAX_BYTES = 512 * 1024;
/** Pages in the write-ahead log before they are moved on: SQLite's own 1,000 take 20 ms at once. */
const CHECKPOINT_PAGES = 200;
const USUAL_CHECKPOINT_PAGES = 1_000;

/** Clears away what was forgotten: in pieces, each a transaction of its own. */
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
    while (this.#clearSome()) {
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

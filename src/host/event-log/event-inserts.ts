import type Database from 'libsql';

/** Rows that one statement takes at most, so that as many are kept in memory and no more. */
const MAX_ROWS = 16;
/** Statements there are, largest first: any number of rows is a few of them. */
const SIZES = [MAX_ROWS, 4, 1] as const;
const COLUMNS = 4;

/**
 * Rows on their way into `events`. A call into SQLite costs about as much as a row, so several go
 * in one; they are written when there are enough, or with {@link flush}, which comes before COMMIT.
 */
export class EventInserts {
  readonly #statements: Map<number, Database.Statement>;
  #values: (string | number)[] = [];

  constructor(db: Database.Database) {
    this.#statements = new Map(
      SIZES.map((rows) => {
        const places = Array<string>(rows).fill('(?, ?, ?, ?)').join(', ');
        return [rows, db.prepare(`INSERT INTO events (key, type, at, body) VALUES ${places}`)];
      }),
    );
  }

  add(key: number, type: string, at: string, body: string): void {
    this.#values.push(key, type, at, body);
    if (this.#values.length === MAX_ROWS * COLUMNS) this.flush();
  }

  flush(): void {
    const values = this.#values;
    if (values.length === 0) return;
    this.#values = [];
    let from = 0;
    for (const rows of SIZES)
      for (; from + rows * COLUMNS <= values.length; from += rows * COLUMNS)
        this.#statements.get(rows)?.run(values.slice(from, from + rows * COLUMNS));
  }

  /** Forgets what has not been written: its transaction failed. */
  clear(): void {
    this.#values = [];
  }
}

import type Database from 'libsql';
import { auditHeadSchema, type AuditHead } from '../../protocol/audit.ts';
import { rowOf, rowsOf, texts, withinBytes } from './sqlite-rows.ts';

/** Entries that say how the log goes on are found without reading through it. */
const TURNS = "kind IN ('begun', 'keyChanged', 'restored')";

/** Where the audit log stands: what the next entry follows, and which key it is signed with. */
export interface AuditTip extends AuditHead {
  /** Public key that the newest of `begun` and `keyChanged` names. */
  readonly key: string;
}

/** One entry on its way to the disk; `text` is its JSON, which nobody changes from here on. */
export interface AuditRow extends AuditTip {
  readonly kind: string;
  readonly text: string;
}

/** What is read of the audit log outside of a transaction. */
export interface AuditReader {
  tip(): AuditTip | null;
  /** JSON of the entries with n > `after`, ascending; at least one where there is any. */
  entries(after: number, limit: number, maxBytes: number): { n: number; text: string }[];
  entry(n: number): string | null;
  /** The newest of a kind that is rare: `begun`, `keyChanged` or `restored`. */
  newestTurn(kinds: readonly ('begun' | 'keyChanged' | 'restored')[]): string | null;
}

/** The table of the audit log: entries are put at its end, and nothing else is ever done to them. */
export class AuditRows implements AuditReader {
  readonly #explaining: <T>(read: () => T) => T;
  readonly #insert;
  readonly #sizes;
  readonly #texts;
  readonly #one;
  readonly #turns;
  readonly #newest;
  #tip: AuditTip | null | undefined;
  /** Before the transaction under way put something; undefined: it did not. */
  #before: AuditTip | null | undefined;

  /** `explaining`: where a read meets damage, that is noted. */
  constructor(db: Database.Database, explaining: <T>(read: () => T) => T) {
    this.#explaining = explaining;
    const text = texts('entry');
    this.#insert = db.prepare('INSERT INTO audit (n, kind, entry) VALUES (?, ?, ?)');
    this.#sizes = db.prepare(
      'SELECT octet_length(entry) AS bytes FROM audit WHERE n > ? ORDER BY n LIMIT ?',
    );
    this.#texts = db.prepare(`SELECT n, ${text} FROM audit WHERE n > ? ORDER BY n LIMIT ?`);
    this.#one = db.prepare(`SELECT ${text} FROM audit WHERE n = ?`);
    this.#turns = db.prepare(
      `SELECT kind, ${text} FROM audit WHERE ${TURNS} ORDER BY n DESC LIMIT ? OFFSET ?`,
    );
    this.#newest = db.prepare(`SELECT n, ${text} FROM audit ORDER BY n DESC LIMIT 1`);
  }

  tip(): AuditTip | null {
    this.#tip ??= this.#explaining(() => this.#readTip());
    return this.#tip;
  }

  put({ n, hash, key, kind, text }: AuditRow): void {
    const before = this.tip();
    if (n !== (before?.n ?? 0) + 1)
      throw new Error(`Entry ${n} cannot follow entry ${before?.n ?? 0} of the audit log.`);
    this.#insert.run(n, kind, text);
    if (this.#before === undefined) this.#before = before;
    this.#tip = { n, hash, key };
  }

  settle(): void {
    this.#before = undefined;
  }

  revert(): void {
    if (this.#before !== undefined) this.#tip = this.#before;
    this.#before = undefined;
  }

  entries(after: number, limit: number, maxBytes: number): { n: number; text: string }[] {
    const rows = this.#explaining(() => {
      const fit = withinBytes(rowsOf(this.#sizes, after, limit), maxBytes);
      return rowsOf<{ n: number; entry: string }>(this.#texts, after, fit);
    });
    return rows.map(({ n, entry }) => ({ n, text: entry }));
  }

  entry(n: number): string | null {
    return this.#explaining(() => rowOf<{ entry: string }>(this.#one, n)?.entry ?? null);
  }

  newestTurn(kinds: readonly string[]): string | null {
    for (let offset = 0; ; offset += 1) {
      const row = this.#explaining(() =>
        rowOf<{ kind: string; entry: string }>(this.#turns, 1, offset),
      );
      if (row === null || kinds.includes(row.kind)) return row?.entry ?? null;
    }
  }

  #readTip(): AuditTip | null {
    const row = rowOf<{ n: number; entry: string }>(this.#newest);
    if (row === null) return null;
    // A row of which nothing can be made is still followed by the next: `audit verify` tells of it.
    const head = auditHeadSchema.safeParse(jsonOf(row.entry));
    const naming = jsonOf(this.newestTurn(['begun', 'keyChanged']) ?? '');
    return {
      n: row.n,
      hash: head.success && head.data.n === row.n ? head.data.hash : '0'.repeat(64),
      key: keyNamedBy(naming),
    };
  }
}

/** Our own entry, so long as nobody has changed it; then no key fits, and the log says so. */
function keyNamedBy(entry: unknown): string {
  const what = field(entry, 'what');
  const key = field(what, 'publicKey');
  return typeof key === 'string' ? key : '';
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

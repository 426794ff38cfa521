import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import type Database from 'libsql';
import { openDatabase } from '../open-database.ts';
import { FORGOTTEN_EVENTS } from '../sqlite-writer.ts';
import { DatabasePages } from './database-pages.ts';
import { gather, type FoundEvent } from './gather.ts';
import { mendSessions, type Mended } from './mend.ts';
import type { Value } from './records.ts';
import { isEndWhole, wholeTable } from './whole-tables.ts';

export interface Salvaged {
  readonly events: number;
  /** Events that were forgotten on purpose, ever. */
  readonly forgotten: number;
  readonly sessions: readonly Mended[];
  /** Agents that run go on; else they are ended, and their turns told interrupted. */
  readonly keepsAgents: boolean;
}

const EVENTS_PER_COMMIT = 5_000;
/** Meta that a new history makes for itself. */
const OWN_META: ReadonlySet<unknown> = new Set(['epoch', 'opens']);

/**
 * Makes a new database at `into` of all that can be read of the damaged one at `from`, which is not
 * touched. Null when there is nothing of ours in it.
 */
export async function salvage(
  from: string,
  into: string,
  { nowIso, onProgress }: { nowIso: string; onProgress(part: number): void },
): Promise<Salvaged | null> {
  for (const end of ['', '-wal', '-shm']) rmSync(into + end, { force: true });
  const pages = new DatabasePages(from);
  const db = openDatabase(into);
  try {
    // A copy that is not finished is made again; the last step makes it durable.
    db.exec('PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = 10000; BEGIN');
    const keeper = new EventKeeper(db);
    const audit = db.prepare('INSERT OR IGNORE INTO audit (n, kind, entry) VALUES (?, ?, ?)');
    const found = await gather(
      pages,
      (event) => keeper.keep(event),
      ({ n, kind, entry }) => void audit.run(n, kind, entry),
      onProgress,
    );
    const sessions = mendSessions(db, found, nowIso);
    for (const no of found.forgotten) db.prepare('INSERT INTO forgotten (no) VALUES (?)').run(no);
    const meta = wholeTable(pages, 'meta') ?? [];
    copyMeta(db, meta);
    const forgotten = Number(meta.find(([key]) => key === FORGOTTEN_EVENTS)?.[1] ?? 0);
    const keepsAgents = copyAgents(db, pages, sessions);
    copyRows(db, 'commands', 4, wholeTable(pages, 'commands') ?? []);
    db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
    return sessions.length === 0
      ? null
      : { events: keeper.count, forgotten, sessions, keepsAgents };
  } finally {
    db.close();
    pages.close();
    flush(into);
  }
}

class EventKeeper {
  count = 0;
  readonly #db: Database.Database;
  readonly #insert: Database.Statement;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#insert = db.prepare(
      'INSERT OR IGNORE INTO events (key, type, at, body) VALUES (?, ?, ?, ?)',
    );
  }

  keep({ key, type, at, body }: FoundEvent): void {
    this.count += this.#insert.run(key, type, at, body).changes;
    if (this.count % EVENTS_PER_COMMIT === 0) this.#db.exec('COMMIT; BEGIN');
  }
}

function copyMeta(db: Database.Database, rows: readonly Value[][]): void {
  copyRows(
    db,
    'meta',
    2,
    rows.filter(([key]) => !OWN_META.has(key)),
  );
}

/**
 * The running agents, what they were asked and what they have not been told yet: all of that, or
 * nothing. Only when nothing of their sessions is gone; a turn that is half known cannot go on.
 */
function copyAgents(
  db: Database.Database,
  pages: DatabasePages,
  sessions: readonly Mended[],
): boolean {
  const instances = wholeTable(pages, 'instances');
  const pending = wholeTable(pages, 'pending');
  const outbox = wholeTable(pages, 'outbox');
  if (instances === null || pending === null || outbox === null) return false;
  const memos = instances.map((row) => String(row[5]));
  const isTouched = sessions.some(({ id, lost }) => lost > 0 && memos.some((m) => m.includes(id)));
  if (isTouched || !isEndWhole(pages, 'events')) return instances.length === 0;
  copyRows(db, 'instances', 6, instances);
  copyRows(
    db,
    'pending (instance, direction, rpc_id, session, kind, memo)',
    6,
    pending.map((row) => row.slice(1)),
  );
  copyRows(db, 'outbox', 3, outbox);
  return true;
}

function copyRows(
  db: Database.Database,
  table: string,
  columns: number,
  rows: readonly Value[][],
): void {
  const places = Array<string>(columns).fill('?').join(', ');
  const insert = db.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${places})`);
  for (const row of rows) if (row.length === columns) insert.run(...row);
}

function flush(path: string): void {
  const fd = openSync(path, 'r+');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

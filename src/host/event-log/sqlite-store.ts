import type Database from 'libsql';
import type { Logger } from '../../base/log.ts';
import type { InstanceId, SessionId } from '../../protocol/ids.ts';
import type { SessionEvent } from '../../protocol/session/events.ts';
import { AuditRows } from './audit-rows.ts';
import { compact, isWorthCompacting, quickCheck, snapshot } from './compaction.ts';
import { fileIdentity, HistoryMark } from './epoch-mark.ts';
import { EventReads } from './event-reads.ts';
import { explained, openDatabase } from './open-database.ts';
import { eventKey, seqOfKey } from './schema.ts';
import {
  PENDING_COLUMNS,
  pendingRow,
  rowOf,
  rowsOf,
  texts,
  type PendingColumns,
} from './sqlite-rows.ts';
import { SqliteUpkeep } from './sqlite-upkeep.ts';
import { FORGOTTEN_EVENTS, SqliteWriter, type SessionCounter } from './sqlite-writer.ts';
import { noteDamage } from './salvage/kept-aside.ts';
import {
  StoreCorrupt,
  type InstanceRow,
  type OutboxRow,
  type PendingRow,
  type SessionRow,
  type Store,
  type Writer,
} from './store.ts';

/** The mark trails the database by at most this many events, so that it costs appends nothing. */
const MARK_EVERY_EVENTS = 256;

export interface StoreNeeds {
  readonly log: Logger;
  /** A read or a write met damage: it is noted, and the next start saves what can be read. */
  onDamage?(): void;
}

/** Opens the host's history at `path`, creating it. Errors: see `openDatabase`. */
export function openStore(path: string, { log, onDamage }: StoreNeeds): Store {
  const db = openDatabase(path);
  try {
    return new SqliteStore(db, path, { log, onDamage });
  } catch (error) {
    db.close();
    throw explained(error, path);
  }
}

class SqliteStore implements Store {
  readonly epoch: string;
  readonly audit: AuditRows;
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #log: Logger;
  readonly #onDamage: StoreNeeds['onDamage'];
  readonly #writer: SqliteWriter;
  readonly #sessions = new Map<SessionId, SessionCounter>();
  readonly #bytes = new WeakMap<SessionEvent, number>();
  readonly #begin;
  readonly #end;
  readonly #reads: EventReads;
  readonly #mark: HistoryMark;
  readonly #upkeep: SqliteUpkeep;
  #isCompacting = false;
  #isDamaged = false;

  constructor(db: Database.Database, path: string, { log, onDamage }: StoreNeeds) {
    this.#db = db;
    this.#path = path;
    this.#log = log;
    this.#onDamage = onDamage;
    this.#mark = new HistoryMark(path, log);
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#end = db.prepare('COMMIT');
    this.#reads = new EventReads(db, path, this.#bytes);
    this.#loadSessions();
    this.audit = new AuditRows(db, (read) => this.#explaining(read));
    this.#writer = new SqliteWriter(db, this.#sessions, this.#bytes, this.audit);
    this.#upkeep = new SqliteUpkeep(db);
    this.epoch = this.#mark.settle(
      {
        epoch: this.meta('epoch') ?? '',
        opens: Number(this.meta('opens') ?? 0),
        events: this.#eventCount(),
        file: fileIdentity(path),
      },
      ({ epoch, opens }) =>
        this.commit((writer) => {
          writer.putMeta('epoch', epoch);
          writer.putMeta('opens', String(opens));
        }),
    );
  }

  commit<T>(work: (writer: Writer) => T): T {
    if (this.#writer.isOpen)
      throw new Error('A commit inside a commit: pass the writer on instead.');
    try {
      this.#begin.run();
      this.#writer.open();
      const result = work(this.#writer);
      if (result instanceof Promise)
        throw new Error('The work of a commit must not be asynchronous.');
      this.#writer.flush();
      this.#writer.close();
      this.#end.run();
      this.#writer.settle();
      this.#mark.move(this.#writer.takeAppended(MARK_EVERY_EVENTS));
      return result;
    } catch (error) {
      this.#writer.close();
      this.#writer.revert();
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw this.#explained(error);
    }
  }

  sessions(): SessionRow[] {
    const rows = this.#rows<{ id: SessionId; state: string | null; state_seq: number }>(
      this.#db.prepare(`SELECT ${texts('id', 'state')}, state_seq FROM sessions ORDER BY no`),
    );
    return rows.map(({ id, state, state_seq }) => ({
      id,
      state: state === null ? null : JSON.parse(state),
      stateSeq: state_seq,
      lastSeq: this.#sessions.get(id)?.lastSeq ?? 0,
    }));
  }

  events(id: SessionId, range: Parameters<Store['events']>[1]): SessionEvent[] {
    const session = this.#sessions.get(id);
    if (session === undefined) return [];
    this.#writer.flush();
    return this.#explaining(() => this.#reads.range(session, range));
  }

  turnEvents(id: SessionId): SessionEvent[] {
    const session = this.#sessions.get(id);
    if (session === undefined) return [];
    this.#writer.flush();
    return this.#explaining(() => this.#reads.turnsOf(session));
  }

  bytesOf(event: SessionEvent): number {
    return this.#reads.bytesOf(event);
  }

  instances(): InstanceRow[] {
    const rows = this.#rows<{
      instance: InstanceId;
      agent: string;
      share_key: string;
      spool_offset: number;
      last_out: number;
      memo: string;
    }>(
      this.#db.prepare(
        `SELECT ${texts('instance', 'agent', 'share_key', 'memo')}, spool_offset, last_out FROM instances ORDER BY 1`,
      ),
    );
    return rows.map((row) => ({
      instance: row.instance,
      agent: row.agent,
      shareKey: row.share_key,
      spoolOffset: row.spool_offset,
      lastOut: row.last_out,
      memo: JSON.parse(row.memo),
    }));
  }

  pending(instance: InstanceId): PendingRow[] {
    const rows = this.#rows<PendingColumns>(
      this.#db.prepare(`SELECT ${PENDING_COLUMNS} FROM pending WHERE instance = ? ORDER BY no`),
      instance,
    );
    return rows.map(pendingRow);
  }

  outbox(instance: InstanceId, afterN: number): OutboxRow[] {
    const rows = this.#rows<OutboxRow>(
      this.#db.prepare(
        `SELECT n, ${texts('line')} FROM outbox WHERE instance = ? AND n > ? ORDER BY n`,
      ),
      instance,
      afterN,
    );
    return rows.map(({ n, line }) => ({ instance, n, line }));
  }

  trimOutbox(instance: InstanceId, n: number): void {
    this.#change('DELETE FROM outbox WHERE instance = ? AND n <= ?', instance, n);
  }

  command(surface: string, commandId: string): { result: unknown } | null {
    const row = this.#row<{ result: string }>(
      this.#db.prepare(`SELECT ${texts('result')} FROM commands WHERE surface = ? AND command = ?`),
      surface,
      commandId,
    );
    return row === null ? null : { result: JSON.parse(row.result) };
  }

  trimCommands(beforeMs: number, keepNewest = 0): void {
    if (keepNewest === 0) return this.#change('DELETE FROM commands WHERE at_ms < ?', beforeMs);
    // With fewer of them there is no such row, and nothing is less than NULL.
    const oldestKept = 'SELECT at_ms FROM commands ORDER BY at_ms DESC LIMIT 1 OFFSET ?';
    const old = `DELETE FROM commands WHERE at_ms < ? AND at_ms < (${oldestKept})`;
    this.#change(old, beforeMs, keepNewest - 1);
  }

  meta(key: string): string | null {
    return (
      this.#row<{ value: string }>(
        this.#db.prepare(`SELECT ${texts('value')} FROM meta WHERE key = ?`),
        key,
      )?.value ?? null
    );
  }

  upkeep(budgetMs: number): 'more' | 'done' {
    try {
      return this.#upkeep.step(budgetMs);
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw this.#explained(error);
    }
  }

  async compact(): Promise<boolean> {
    if (this.#isCompacting || !isWorthCompacting(this.#db, this.#path)) return false;
    this.#isCompacting = true;
    try {
      await compact(this.#path);
      // The new pages are in the log; the file shrinks when they move out of it.
      if (this.#db.open) this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return true;
    } catch (error) {
      throw this.#explained(error);
    } finally {
      this.#isCompacting = false;
    }
  }

  async snapshot(into: string): Promise<void> {
    await snapshot(this.#path, into);
  }

  async check(): Promise<string | null> {
    const found = await quickCheck(this.#path);
    if (found !== null) this.#noteDamage(new StoreCorrupt(`${this.#path} is damaged: ${found}.`));
    return found;
  }

  close(): void {
    this.#mark.move(this.#writer.takeAppended(1));
    this.#mark.close();
    try {
      // libsql ends a connection only when its statements are collected, so the log is emptied here:
      // the file alone is then the whole history, for a backup or an older program to look at.
      this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      this.#log.warn(
        { path: this.#path, error: String(error) },
        'the history stays in its -wal file',
      );
    }
    this.#db.close();
  }

  #rows<T>(statement: Database.Statement, ...params: unknown[]): T[] {
    return this.#explaining(() => rowsOf<T>(statement, ...params));
  }

  #row<T>(statement: Database.Statement, ...params: unknown[]): T | null {
    return this.#explaining(() => rowOf<T>(statement, ...params));
  }

  #explaining<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#explained(error);
    }
  }

  #explained(error: unknown): unknown {
    const explanation = explained(error, this.#path);
    if (explanation instanceof StoreCorrupt) this.#noteDamage(explanation);
    return explanation;
  }

  #noteDamage(error: StoreCorrupt): void {
    if (this.#isDamaged) return;
    this.#isDamaged = true;
    try {
      noteDamage(this.#path, { why: error.message });
    } catch (cause) {
      this.#log.warn({ err: cause }, 'the damage of the history could not be noted');
    }
    this.#onDamage?.();
  }

  /** A change of its own, in a transaction of its own. */
  #change(sql: string, ...params: unknown[]): void {
    this.#explaining(() => this.#db.prepare(sql).run(...params));
  }

  #loadSessions(): void {
    const newest = this.#db.prepare('SELECT max(key) AS key FROM events WHERE key > ? AND key < ?');
    for (const { no, id } of rowsOf<{ no: number; id: SessionId }>(
      this.#db.prepare(`SELECT no, ${texts('id')} FROM sessions`),
    )) {
      const key =
        rowOf<{ key: number | null }>(newest, eventKey(no, 0), eventKey(no + 1, 0))?.key ?? null;
      this.#sessions.set(id, { no, lastSeq: key === null ? 0 : seqOfKey(key) });
    }
  }

  #eventCount(): number {
    let events = Number(this.meta(FORGOTTEN_EVENTS) ?? 0);
    for (const { lastSeq } of this.#sessions.values()) events += lastSeq;
    return events;
  }
}

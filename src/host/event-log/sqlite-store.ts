import { randomUUID } from 'node:crypto';
import type Database from 'libsql';
import type { Logger } from '../../base/log.ts';
import type { InstanceId, SessionId } from '../../protocol/ids.ts';
import type { SessionEvent } from '../../protocol/session/events.ts';
import { compact, isWorthCompacting } from './compaction.ts';
import { fileIdentity, isContinuation, MarkFile, readMark, type EpochMark } from './epoch-mark.ts';
import { explained, openDatabase } from './open-database.ts';
import { eventKey, seqOfKey } from './schema.ts';
import { pendingRow, rowOf, rowsOf, type PendingColumns } from './sqlite-rows.ts';
import { SqliteUpkeep } from './sqlite-upkeep.ts';
import {
  FORGOTTEN_EVENTS,
  SqliteWriter,
  WORTH_REMEMBERING_BYTES,
  type SessionCounter,
} from './sqlite-writer.ts';
import type { InstanceRow, OutboxRow, PendingRow, SessionRow, Store, Writer } from './store.ts';

/** The mark trails the database by at most this many events, so that it costs appends nothing. */
const MARK_EVERY_EVENTS = 256;

/** Opens the host's history at `path`, creating it. Errors: see `openDatabase`. */
export function openStore(path: string, { log }: { log: Logger }): Store {
  const db = openDatabase(path);
  try {
    return new SqliteStore(db, path, log);
  } catch (error) {
    db.close();
    throw explained(error, path);
  }
}

interface EventRow {
  key: number;
  at: string;
  body: string;
}

class SqliteStore implements Store {
  readonly epoch: string;
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #log: Logger;
  readonly #writer: SqliteWriter;
  readonly #sessions = new Map<SessionId, SessionCounter>();
  readonly #bytes = new WeakMap<SessionEvent, number>();
  readonly #begin;
  readonly #end;
  readonly #readUp;
  readonly #readDown;
  readonly #sizesUp;
  readonly #sizesDown;
  readonly #markFile: MarkFile;
  readonly #upkeep: SqliteUpkeep;
  #mark: EpochMark | null = null;
  #isCompacting = false;

  constructor(db: Database.Database, path: string, log: Logger) {
    this.#db = db;
    this.#path = path;
    this.#log = log;
    this.#markFile = new MarkFile(path);
    const span = 'key > ? AND key < ? ORDER BY key';
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#end = db.prepare('COMMIT');
    this.#readUp = db.prepare(`SELECT key, at, body FROM events WHERE ${span} LIMIT ?`);
    this.#readDown = db.prepare(`SELECT key, at, body FROM events WHERE ${span} DESC LIMIT ?`);
    this.#sizesUp = db.prepare(
      `SELECT octet_length(body) AS bytes FROM events WHERE ${span} LIMIT ?`,
    );
    this.#sizesDown = db.prepare(
      `SELECT octet_length(body) AS bytes FROM events WHERE ${span} DESC LIMIT ?`,
    );
    this.#loadSessions();
    this.#writer = new SqliteWriter(db, this.#sessions, this.#bytes);
    this.#upkeep = new SqliteUpkeep(db);
    const mark = this.#settleEpoch();
    this.#mark = mark;
    this.epoch = mark.epoch;
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
      this.#moveMark(MARK_EVERY_EVENTS);
      return result;
    } catch (error) {
      this.#writer.close();
      this.#writer.revert();
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw explained(error, this.#path);
    }
  }

  sessions(): SessionRow[] {
    const rows = this.#rows<{ id: SessionId; state: string | null; state_seq: number }>(
      this.#db.prepare('SELECT id, state, state_seq FROM sessions ORDER BY no'),
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
    const after = Math.max(0, range.after ?? 0);
    const before = Math.min(range.before ?? Infinity, session.lastSeq + 1);
    if (before <= after + 1 || range.limit < 1) return [];
    const down = range.newest === true;
    const span = [eventKey(session.no, after), eventKey(session.no, before)] as const;
    const limit =
      range.maxBytes === undefined
        ? range.limit
        : withinBytes(
            this.#rows(down ? this.#sizesDown : this.#sizesUp, ...span, range.limit),
            range.maxBytes,
          );
    const rows = this.#rows<EventRow>(down ? this.#readDown : this.#readUp, ...span, limit);
    if (down) rows.reverse();
    return rows.map((row) => this.#event(row));
  }

  turnEvents(id: SessionId): SessionEvent[] {
    const session = this.#sessions.get(id);
    if (session === undefined) return [];
    this.#writer.flush();
    const rows = this.#rows<EventRow>(
      this.#db.prepare(
        "SELECT key, at, body FROM events WHERE type IN ('turn.started', 'turn.ended') AND key > ? AND key < ? ORDER BY key",
      ),
      eventKey(session.no, 0),
      eventKey(session.no + 1, 0),
    );
    return rows.map((row) => this.#event(row));
  }

  bytesOf(event: SessionEvent): number {
    const known = this.#bytes.get(event);
    if (known !== undefined) return known;
    const bytes = Buffer.byteLength(JSON.stringify(event));
    if (bytes >= WORTH_REMEMBERING_BYTES) this.#bytes.set(event, bytes);
    return bytes;
  }

  instances(): InstanceRow[] {
    const rows = this.#rows<{
      instance: InstanceId;
      agent: string;
      share_key: string;
      spool_offset: number;
      last_out: number;
      memo: string;
    }>(this.#db.prepare('SELECT * FROM instances ORDER BY instance'));
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
      this.#db.prepare('SELECT * FROM pending WHERE instance = ? ORDER BY no'),
      instance,
    );
    return rows.map(pendingRow);
  }

  outbox(instance: InstanceId, afterN: number): OutboxRow[] {
    const rows = this.#rows<OutboxRow>(
      this.#db.prepare(
        'SELECT instance, n, line FROM outbox WHERE instance = ? AND n > ? ORDER BY n',
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
    const row = rowOf<{ result: string }>(
      this.#db.prepare('SELECT result FROM commands WHERE surface = ? AND command = ?'),
      surface,
      commandId,
    );
    return row === null ? null : { result: JSON.parse(row.result) };
  }

  trimCommands(beforeMs: number): void {
    this.#change('DELETE FROM commands WHERE at_ms < ?', beforeMs);
  }

  meta(key: string): string | null {
    return (
      rowOf<{ value: string }>(this.#db.prepare('SELECT value FROM meta WHERE key = ?'), key)
        ?.value ?? null
    );
  }

  upkeep(budgetMs: number): 'more' | 'done' {
    try {
      return this.#upkeep.step(budgetMs);
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      throw explained(error, this.#path);
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
      throw explained(error, this.#path);
    } finally {
      this.#isCompacting = false;
    }
  }

  close(): void {
    this.#moveMark(1);
    this.#markFile.close();
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
    try {
      return rowsOf<T>(statement, ...params);
    } catch (error) {
      throw explained(error, this.#path);
    }
  }

  /** A change of its own, in a transaction of its own. */
  #change(sql: string, ...params: unknown[]): void {
    try {
      this.#db.prepare(sql).run(...params);
    } catch (error) {
      throw explained(error, this.#path);
    }
  }

  #event({ key, at, body }: EventRow): SessionEvent {
    // Our own row, parsed when it came in. One of a newer version may have a type unknown here.
    const event: SessionEvent = Object.assign(JSON.parse(body), { seq: seqOfKey(key), at });
    if (body.length >= WORTH_REMEMBERING_BYTES) this.#bytes.set(event, Buffer.byteLength(body));
    return event;
  }

  #loadSessions(): void {
    const newest = this.#db.prepare('SELECT max(key) AS key FROM events WHERE key > ? AND key < ?');
    for (const { no, id } of rowsOf<{ no: number; id: SessionId }>(
      this.#db.prepare('SELECT no, id FROM sessions'),
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

  /** Keeps the epoch while the file continues what its mark speaks of, else makes a new one. */
  #settleEpoch(): EpochMark {
    const found = {
      epoch: this.meta('epoch') ?? '',
      opens: Number(this.meta('opens') ?? 0),
      events: this.#eventCount(),
      file: fileIdentity(this.#path),
    };
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
    this.commit((writer) => {
      writer.putMeta('epoch', mark.epoch);
      writer.putMeta('opens', String(mark.opens));
    });
    this.#writeMark(mark);
    return mark;
  }

  #moveMark(everyEvents: number): void {
    // The first commit is the one that settles the epoch, before there is a mark.
    if (this.#mark === null) return;
    const events = this.#mark.events + this.#writer.takeAppended(everyEvents);
    if (events === this.#mark.events) return;
    this.#mark = { ...this.#mark, events };
    this.#writeMark(this.#mark);
  }

  #writeMark(mark: EpochMark): void {
    try {
      this.#markFile.write(mark);
    } catch (error) {
      this.#log.warn(
        { path: this.#path, error: String(error) },
        'the mark beside the history cannot be written',
      );
    }
  }
}

/** How many rows fit; at least one, so that a reader always gets on. */
function withinBytes(sizes: readonly { bytes: number }[], maxBytes: number): number {
  let total = 0;
  for (const [index, { bytes }] of sizes.entries()) {
    total += bytes;
    if (total > maxBytes) return Math.max(1, index);
  }
  return sizes.length;
}

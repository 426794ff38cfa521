import type Database from 'libsql';
import { MAX_EVENT_BYTES } from '../../protocol/limits.ts';
import type { InstanceId, SessionId } from '../../protocol/ids.ts';
import type { EventBody, SessionEvent } from '../../protocol/session/events.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { AuditRow, AuditRows, AuditTip } from './audit-rows.ts';
import { cutEvent } from './cut-event.ts';
import { EventInserts } from './event-inserts.ts';
import { eventKey } from './schema.ts';
import { jsonOf, PENDING_COLUMNS, pendingRow, rowOf, type PendingColumns } from './sqlite-rows.ts';
import type { InstanceRow, PendingRow, Writer } from './store.ts';

/** The size of a smaller event is found again in less time than it takes to keep it. */
export const WORTH_REMEMBERING_BYTES = 4_096;

/** Meta: how many events were forgotten, ever. With those that are there it only grows. */
export const FORGOTTEN_EVENTS = 'forgottenEvents';
/** Meta: the highest number of a session that was forgotten. */
const FORGOTTEN_NO = 'forgottenNo';

export interface SessionCounter {
  readonly no: number;
  lastSeq: number;
}

/** The one writer of a database. Counters run ahead of the transaction and go back with it. */
export class SqliteWriter implements Writer {
  readonly #db: Database.Database;
  readonly #sessions: Map<SessionId, SessionCounter>;
  readonly #bytes: WeakMap<SessionEvent, number>;
  readonly #statements = new Map<string, Database.Statement>();
  readonly #inserts: EventInserts;
  readonly #audit: AuditRows;
  /** lastSeq before this transaction; null for a session made in it. */
  readonly #before = new Map<SessionId, number | null>();
  /** Forgotten in this transaction. */
  readonly #forgotten = new Map<SessionId, SessionCounter>();
  #open = false;
  #staged = 0;
  #appended = 0;

  constructor(
    db: Database.Database,
    sessions: Map<SessionId, SessionCounter>,
    bytes: WeakMap<SessionEvent, number>,
    audit: AuditRows,
  ) {
    this.#audit = audit;
    this.#db = db;
    this.#sessions = sessions;
    this.#bytes = bytes;
    this.#inserts = new EventInserts(db);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  open(): void {
    this.#open = true;
  }

  /** Appended events are rows from here on, for COMMIT or for a reader. */
  flush(): void {
    this.#inserts.flush();
  }

  close(): void {
    this.#open = false;
  }

  settle(): void {
    this.#audit.settle();
    this.#before.clear();
    this.#forgotten.clear();
    this.#appended += this.#staged;
    this.#staged = 0;
  }

  revert(): void {
    this.#audit.revert();
    this.#inserts.clear();
    for (const [id, session] of this.#forgotten) this.#sessions.set(id, session);
    this.#forgotten.clear();
    for (const [id, lastSeq] of this.#before) {
      const session = this.#sessions.get(id);
      if (lastSeq === null) this.#sessions.delete(id);
      else if (session !== undefined) session.lastSeq = lastSeq;
    }
    this.#before.clear();
    this.#staged = 0;
  }

  /** Events committed since the last call, once there are `atLeast` of them; else 0. */
  takeAppended(atLeast: number): number {
    if (this.#appended < atLeast) return 0;
    const appended = this.#appended;
    this.#appended = 0;
    return appended;
  }

  createSession(id: SessionId): void {
    if (this.#sessions.has(id)) return;
    // Never the number of a forgotten session: events of that may still be about.
    const row = this.#get<{ no: number }>(
      `INSERT INTO sessions (no, id)
       SELECT 1 + max(
         coalesce((SELECT max(no) FROM sessions), 0),
         coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = '${FORGOTTEN_NO}'), 0)
       ), ? RETURNING no`,
      id,
    );
    if (row === null) throw new Error(`Session ${id} could not be made.`);
    this.#sessions.set(id, { no: row.no, lastSeq: 0 });
    this.#before.set(id, null);
  }

  append(id: SessionId, body: EventBody, at: string): SessionEvent {
    this.#mustBeOpen();
    const session = this.#sessions.get(id);
    if (session === undefined)
      throw new Error(`There is no session ${id}; its first event is session.created.`);
    if (!this.#before.has(id)) this.#before.set(id, session.lastSeq);
    let kept = body;
    let text = JSON.stringify(body);
    let bytes = Buffer.byteLength(text);
    if (bytes > MAX_EVENT_BYTES) {
      kept = cutEvent(body);
      text = JSON.stringify(kept);
      bytes = Buffer.byteLength(text);
    }
    const seq = session.lastSeq + 1;
    this.#inserts.add(eventKey(session.no, seq), kept.type, at, text);
    session.lastSeq = seq;
    this.#staged += 1;
    // Not `{ ...kept, seq, at }`: V8 takes 20 times as long to add fields to a spread copy.
    const event: SessionEvent = Object.assign({}, kept, { seq, at });
    if (bytes >= WORTH_REMEMBERING_BYTES) this.#bytes.set(event, bytes);
    return event;
  }

  saveState(state: SessionState): void {
    this.#run(
      'UPDATE sessions SET state = ?, state_seq = ? WHERE id = ?',
      jsonOf(state),
      state.lastSeq,
      state.id,
    );
  }

  forgetSession(id: SessionId): void {
    this.#mustBeOpen();
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#inserts.flush();
    this.#run('INSERT INTO forgotten (no) VALUES (?)', session.no);
    this.#run('DELETE FROM sessions WHERE no = ?', session.no);
    this.#run('DELETE FROM pending WHERE session = ?', id);
    // Results name the session they made or changed; there is no index for what is done so rarely.
    this.#run('DELETE FROM commands WHERE instr(result, ?) > 0', id);
    const read = (key: string): number =>
      Number(this.#get<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)?.value ?? 0);
    this.putMeta(FORGOTTEN_EVENTS, String(read(FORGOTTEN_EVENTS) + session.lastSeq));
    this.putMeta(FORGOTTEN_NO, String(Math.max(read(FORGOTTEN_NO), session.no)));
    this.#sessions.delete(id);
    this.#forgotten.set(id, session);
  }

  putInstance(row: Omit<InstanceRow, 'spoolOffset' | 'lastOut'>): void {
    this.#run(
      `INSERT INTO instances (instance, agent, share_key, memo) VALUES (?, ?, ?, ?)
       ON CONFLICT (instance) DO UPDATE SET agent = excluded.agent, share_key = excluded.share_key, memo = excluded.memo`,
      row.instance,
      row.agent,
      row.shareKey,
      jsonOf(row.memo),
    );
  }

  setMemo(instance: InstanceId, memo: unknown): void {
    this.#run('UPDATE instances SET memo = ? WHERE instance = ?', jsonOf(memo), instance);
  }

  setSpoolOffset(instance: InstanceId, offset: number): void {
    this.#run('UPDATE instances SET spool_offset = ? WHERE instance = ?', offset, instance);
  }

  dropInstance(instance: InstanceId): void {
    this.#run('DELETE FROM outbox WHERE instance = ?', instance);
    this.#run('DELETE FROM pending WHERE instance = ?', instance);
    this.#run('DELETE FROM instances WHERE instance = ?', instance);
  }

  putOutbox(instance: InstanceId, line: string): number {
    const row = this.#get<{ n: number }>(
      'UPDATE instances SET last_out = last_out + 1 WHERE instance = ? RETURNING last_out AS n',
      instance,
    );
    if (row === null) throw new Error(`There is no agent process ${instance} to write to.`);
    this.#run('INSERT INTO outbox (instance, n, line) VALUES (?, ?, ?)', instance, row.n, line);
    return row.n;
  }

  replaceOutbox(instance: InstanceId, n: number, line: string): void {
    const { changes } = this.#run(
      'UPDATE outbox SET line = ? WHERE instance = ? AND n = ?',
      line,
      instance,
      n,
    );
    if (changes === 0)
      throw new Error(`Line ${n} to ${instance} has been sent; it cannot be replaced.`);
  }

  putPending(row: PendingRow): void {
    this.#run(
      `INSERT INTO pending (instance, direction, rpc_id, session, kind, memo) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (instance, direction, rpc_id)
       DO UPDATE SET session = excluded.session, kind = excluded.kind, memo = excluded.memo`,
      row.instance,
      row.direction,
      row.rpcId,
      row.sessionId,
      row.kind,
      jsonOf(row.memo),
    );
  }

  takePending(instance: InstanceId, direction: 'in' | 'out', rpcId: string): PendingRow | null {
    const row = this.#get<PendingColumns>(
      `DELETE FROM pending WHERE instance = ? AND direction = ? AND rpc_id = ? RETURNING ${PENDING_COLUMNS}`,
      instance,
      direction,
      rpcId,
    );
    return row === null ? null : pendingRow(row);
  }

  putCommand(surface: string, commandId: string, result: unknown, atMs: number): void {
    this.#run(
      'INSERT OR REPLACE INTO commands (surface, command, result, at_ms) VALUES (?, ?, ?, ?)',
      surface,
      commandId,
      jsonOf(result),
      atMs,
    );
  }

  putMeta(key: string, value: string): void {
    this.#run('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', key, value);
  }

  auditTip(): AuditTip | null {
    return this.#audit.tip();
  }

  putAudit(row: AuditRow): void {
    this.#mustBeOpen();
    this.#audit.put(row);
  }

  #run(sql: string, ...params: unknown[]): Database.RunResult {
    this.#mustBeOpen();
    return this.#statement(sql).run(...params);
  }

  #get<T>(sql: string, ...params: unknown[]): T | null {
    this.#mustBeOpen();
    return rowOf<T>(this.#statement(sql), ...params);
  }

  #statement(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #mustBeOpen(): void {
    if (!this.#open) throw new Error('A writer is good only inside its commit.');
  }
}

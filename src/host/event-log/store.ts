import type { InstanceId, SessionId } from '../../protocol/ids.ts';
import type { EventBody, SessionEvent } from '../../protocol/session/events.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { AuditReader, AuditRow, AuditTip } from './audit-rows.ts';

export interface SessionRow {
  readonly id: SessionId;
  /** Fold of the events up to `stateSeq`; newer ones are folded on top at start. */
  readonly state: SessionState | null;
  readonly stateSeq: number;
  readonly lastSeq: number;
}

/** An adapter process the host has started, and how far both directions got. */
export interface InstanceRow {
  readonly instance: InstanceId;
  readonly agent: string;
  /** Sessions with equal keys may share the process. */
  readonly shareKey: string;
  /** Highest stdout line taken in; committed with its effects. */
  readonly spoolOffset: number;
  /** Number of the newest outbox line, sent or not. */
  readonly lastOut: number;
  /** Driver's own memory of the process (capabilities …). */
  readonly memo: unknown;
}

/** A JSON-RPC request under way, in either direction; it survives the host. */
export interface PendingRow {
  readonly instance: InstanceId;
  readonly direction: 'in' | 'out';
  /** JSON of the JSON-RPC id. */
  readonly rpcId: string;
  readonly sessionId: SessionId | null;
  readonly kind: string;
  readonly memo: unknown;
}

export interface OutboxRow {
  readonly instance: InstanceId;
  readonly n: number;
  readonly line: string;
}

/** Only inside {@link Store.commit}: everything in one transaction, durable when it returns. */
export interface Writer {
  createSession(id: SessionId): void;
  /** Numbers the event; the returned one is what surfaces will see, once committed. */
  append(id: SessionId, body: EventBody, at: string): SessionEvent;
  saveState(state: SessionState): void;
  /** Gone for every reader at once; {@link Store.upkeep} clears its events away. */
  forgetSession(id: SessionId): void;
  putInstance(row: Omit<InstanceRow, 'spoolOffset' | 'lastOut'>): void;
  setMemo(instance: InstanceId, memo: unknown): void;
  setSpoolOffset(instance: InstanceId, offset: number): void;
  dropInstance(instance: InstanceId): void;
  /** Returns the line's number, counting from 1 for each instance. */
  putOutbox(instance: InstanceId, line: string): number;
  /** Replaces a line that has not been sent, keeping its number. */
  replaceOutbox(instance: InstanceId, n: number, line: string): void;
  putPending(row: PendingRow): void;
  takePending(instance: InstanceId, direction: 'in' | 'out', rpcId: string): PendingRow | null;
  /** Remembers a surface's command and its result, so that the same one again changes nothing. */
  putCommand(surface: string, commandId: string, result: unknown, atMs: number): void;
  putMeta(key: string, value: string): void;
  /** See {@link AuditReader.tip}; including what this transaction has put. */
  auditTip(): AuditTip | null;
  /** The next entry of the audit log. */
  putAudit(row: AuditRow): void;
}

/** Durable storage behind a thin interface; one writer, the host. A full disk is {@link StoreFull}. */
export interface Store {
  readonly epoch: string;
  readonly audit: AuditReader;
  /** Runs `work` in one transaction with synchronous=FULL. Nothing of it is kept if it throws. */
  commit<T>(work: (writer: Writer) => T): T;
  sessions(): SessionRow[];
  /** Ascending; `after` < seq, `before` > seq. With `newest` the last `limit` of them. */
  events(
    id: SessionId,
    range: { after?: number; before?: number; limit: number; maxBytes?: number; newest?: boolean },
  ): SessionEvent[];
  /** Every `turn.started` and `turn.ended` of the session, ascending. */
  turnEvents(id: SessionId): SessionEvent[];
  /** UTF-8 size of an event that came from this store, as it crosses the wire (about). */
  bytesOf(event: SessionEvent): number;
  instances(): InstanceRow[];
  pending(instance: InstanceId): PendingRow[];
  outbox(instance: InstanceId, afterN: number): OutboxRow[];
  /** Forgets outbox lines up to `n`: the keeper has them. */
  trimOutbox(instance: InstanceId, n: number): void;
  command(surface: string, commandId: string): { result: unknown } | null;
  /** Forgets commands older than `beforeMs`, and never the newest so many, whatever a clock said. */
  trimCommands(beforeMs: number, keepNewest?: number): void;
  meta(key: string): string | null;
  /**
   * Clears away some of what was forgotten, stopping near `budgetMs`; `done` when nothing is left.
   */
  upkeep(budgetMs: number): 'more' | 'done';
  /**
   * Gives the room of what is gone back to the disk, where that is worth it: for a quiet moment. The
   * work is done beside this thread; a commit in the meantime waits. True when it was done.
   */
  compact(): Promise<boolean>;
  /** Looks through all of it, beside this thread. Null, or what is damaged; that is then noted. */
  check(): Promise<string | null>;
  /** Writes a whole copy as of now to a new file, beside this thread. */
  snapshot(into: string): Promise<void>;
  close(): void;
}

/** Every approval ever opened is remembered with the commands, under this name. */
export const OPENED_APPROVALS = 'approval';

/** The disk is full (or its quota is): nothing was written. Callers pause intake and say so. */
export class StoreFull extends Error {
  override name = 'StoreFull';
}

/** The database was written by a newer version: it is left untouched. */
export class StoreTooNew extends Error {
  override name = 'StoreTooNew';
}

/** The file is damaged, or a database of something else: only a person can mend that. */
export class StoreCorrupt extends Error {
  override name = 'StoreCorrupt';
}

import type Database from 'libsql';
import type { InstanceId, SessionId } from '../../protocol/ids.ts';
import type { PendingRow } from './store.ts';

/** The columns of a statement of ours on tables of ours: the query is the proof of `T`. */
export function rowsOf<T>(statement: Database.Statement, ...params: unknown[]): T[] {
  return statement.all(...params) as T[];
}

/** As {@link rowsOf}; null when there is none. libsql adds `_metadata`: pick fields, do not spread. */
export function rowOf<T>(statement: Database.Statement, ...params: unknown[]): T | null {
  return (statement.get(...params) as T | undefined) ?? null;
}

export interface PendingColumns {
  instance: InstanceId;
  direction: 'in' | 'out';
  rpc_id: string;
  session: SessionId | null;
  kind: string;
  memo: string;
}

export function pendingRow(row: PendingColumns): PendingRow {
  return {
    instance: row.instance,
    direction: row.direction,
    rpcId: row.rpc_id,
    sessionId: row.session,
    kind: row.kind,
    memo: JSON.parse(row.memo),
  };
}

/** Makes JSON for a column; what JSON does not know becomes null. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

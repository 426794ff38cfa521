import type Database from 'libsql';
import type { InstanceId, SessionId } from '../../protocol/ids.ts';
import type { PendingRow } from './store.ts';

/**
 * Columns to select where their text may be damaged: libsql (0.5.29) ends the process over a text
 * that is not UTF-8, so they come as bytes, which {@link rowsOf} and {@link rowOf} decode.
 */
export function texts(...columns: readonly string[]): string {
  return columns.map((column) => `CAST(${column} AS BLOB) AS ${column}`).join(', ');
}

const utf8 = new TextDecoder('utf8', { fatal: true, ignoreBOM: true });

/** Throws where the bytes are not UTF-8, which `explained` takes for damage. */
export function textOf(bytes: ArrayBuffer | Uint8Array): string {
  return utf8.decode(bytes);
}

/** The columns of a statement of ours on tables of ours: the query is the proof of `T`. */
export function rowsOf<T>(statement: Database.Statement, ...params: unknown[]): T[] {
  const rows = statement.all(...params) as object[];
  for (const row of rows) decode(row);
  return rows as T[];
}

/** As {@link rowsOf}; null when there is none. libsql adds `_metadata`: pick fields, do not spread. */
export function rowOf<T>(statement: Database.Statement, ...params: unknown[]): T | null {
  const row = statement.get(...params) as object | undefined;
  if (row === undefined) return null;
  decode(row);
  return row as T;
}

function decode(row: object): void {
  for (const [name, value] of Object.entries(row))
    // libsql's `all` gives the one, its `get` the other.
    if (value instanceof ArrayBuffer || value instanceof Uint8Array)
      Reflect.set(row, name, textOf(value));
}

export const PENDING_COLUMNS = texts('instance', 'direction', 'rpc_id', 'session', 'kind', 'memo');

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

/** How many rows fit; at least one, so that a reader always gets on. */
export function withinBytes(sizes: readonly { bytes: number }[], maxBytes: number): number {
  let total = 0;
  for (const [index, { bytes }] of sizes.entries()) {
    total += bytes;
    if (total > maxBytes) return Math.max(1, index);
  }
  return sizes.length;
}

/** As bytes, and in one piece: see `texts`. */
export const EVENT = 'key, CAST(at || body AS BLOB) AS event';
/** As `Date.toISOString` has it. */
export const AT_CHARS = 24;

export interface EventRow {
  key: number;
  event: ArrayBuffer;
}

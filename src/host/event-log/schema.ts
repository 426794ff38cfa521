/**
 * Steps from an empty database to the newest layout; `PRAGMA user_version` counts the steps taken.
 * Released steps never change: a new layout is a new step at the end.
 *
 * `events.key` is the session's number × 2³² + the event's seq: one B-tree in the order of reading,
 * no second index to write, and still a safe integer for two million sessions.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE sessions (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT,
    state_seq INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE events (key INTEGER PRIMARY KEY, type TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL);
  CREATE INDEX turn_events ON events (key) WHERE type IN ('turn.started', 'turn.ended');
  CREATE TABLE instances (
    instance TEXT PRIMARY KEY,
    agent TEXT NOT NULL,
    share_key TEXT NOT NULL,
    spool_offset INTEGER NOT NULL DEFAULT 0,
    last_out INTEGER NOT NULL DEFAULT 0,
    memo TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE pending (
    no INTEGER PRIMARY KEY,
    instance TEXT NOT NULL,
    direction TEXT NOT NULL,
    rpc_id TEXT NOT NULL,
    session TEXT,
    kind TEXT NOT NULL,
    memo TEXT NOT NULL,
    UNIQUE (instance, direction, rpc_id)
  );
  CREATE TABLE outbox (
    instance TEXT NOT NULL,
    n INTEGER NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (instance, n)
  );
  CREATE TABLE commands (
    surface TEXT NOT NULL,
    command TEXT NOT NULL,
    result TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (surface, command)
  ) WITHOUT ROWID;
  CREATE INDEX commands_by_age ON commands (at_ms);
  `,
  // Sessions that are gone while their events are still being cleared away.
  `CREATE TABLE forgotten (no INTEGER PRIMARY KEY)`,
  // The audit log: `entry` is JSON whose hash the next one names. Only ever added to.
  `
  CREATE TABLE audit (n INTEGER PRIMARY KEY, kind TEXT NOT NULL, entry TEXT NOT NULL);
  CREATE INDEX audit_turns ON audit (n) WHERE kind IN ('begun', 'keyChanged', 'restored');
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

const SESSION_SPAN = 2 ** 32;

export function eventKey(sessionNo: number, seq: number): number {
  return sessionNo * SESSION_SPAN + seq;
}

export function sessionNoOfKey(key: number): number {
  return Math.floor(key / SESSION_SPAN);
}

export function seqOfKey(key: number): number {
  return key % SESSION_SPAN;
}

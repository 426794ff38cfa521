import { chmodSync, closeSync, openSync, readSync } from 'node:fs';
import Database from 'libsql';
import { MIGRATIONS, SCHEMA_VERSION } from './schema.ts';
import { StoreCorrupt, StoreFull, StoreTooNew } from './store.ts';

/** Another process (a backup tool, `sqlite3`) may hold the file for a moment. */
const BUSY_TIMEOUT_MS = 5_000;
/** Where SQLite keeps `user_version`, big-endian (https://www.sqlite.org/fileformat2.html §1.3). */
const VERSION_AT_BYTE = 60;
const MAGIC = 'SQLite format 3';
/** No program will ever have as many layouts. */
const MOST_VERSIONS = 10_000;

/**
 * Opens the file, creating it 0600, and brings it to the newest layout. Throws {@link StoreTooNew}
 * before touching a newer one, {@link StoreCorrupt}, {@link StoreFull}, or an error that names the file and what to do.
 */
export function openDatabase(path: string): Database.Database {
  const version = prepareFile(path);
  if (version > SCHEMA_VERSION) throw tooNew(path, version);
  let db: Database.Database | undefined;
  try {
    db = new Database(path);
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    migrate(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw explained(error, path);
  }
}

/** Makes sure that the file exists and is ours alone; returns the layout its header names. */
function prepareFile(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, 'a+', 0o600);
  } catch (error) {
    const full = explained(error, path);
    if (full instanceof StoreFull) throw full;
    throw new Error(
      `Cannot open the history at ${path}: ${messageOf(error)}. Check that the folder exists and is yours.`,
      { cause: error },
    );
  }
  try {
    const header = Buffer.alloc(VERSION_AT_BYTE + 4);
    const bytes = readSync(fd, header, 0, header.length, 0);
    chmodSync(path, 0o600);
    const isWhole = bytes === header.length && header.toString('latin1', 0, 15) === MAGIC;
    const version = isWhole ? header.readUInt32BE(VERSION_AT_BYTE) : 0;
    if (version > MOST_VERSIONS)
      throw new StoreCorrupt(`${path} is damaged: its layout is ${version}.`);
    return version;
  } finally {
    closeSync(fd);
  }
}

function migrate(db: Database.Database, path: string): void {
  const version = userVersion(db);
  if (version > SCHEMA_VERSION) throw tooNew(path, version);
  if (version === 0 && db.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() !== undefined)
    throw new StoreCorrupt(
      `${path} is a database of something else. Move it away and start again.`,
    );
  // fullfsync is macOS's F_FULLFSYNC and nothing elsewhere: without it a Mac loses power, and rows.
  db.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;
    PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY;`);
  if (version === SCHEMA_VERSION) return;
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < version) continue;
    db.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
  // The version belongs in the file itself, where an older program looks before it opens it.
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}

function userVersion(db: Database.Database): number {
  const row: unknown = db.prepare('PRAGMA user_version').get();
  return typeof row === 'object' && row !== null && 'user_version' in row
    ? Number(row.user_version)
    : 0;
}

function tooNew(path: string, version: number): StoreTooNew {
  return new StoreTooNew(
    `${path} has layout ${version}, this program knows up to ${SCHEMA_VERSION}. It was left untouched: use the newer Porchlight that wrote it.`,
  );
}

/** Turns SQLite's codes into something a person or a caller can act on; the rest passes. */
export function explained(error: unknown, path: string): unknown {
  switch (codeOf(error)) {
    case 'SQLITE_FULL':
    case 'SQLITE_IOERR_WRITE':
    case 'SQLITE_IOERR_SHMSIZE':
    case 'SQLITE_IOERR_SHMOPEN':
    case 'ENOSPC':
    case 'EDQUOT':
      return new StoreFull(
        `Cannot write to ${path}: the disk or the quota is full. Free some space.`,
        { cause: error },
      );
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
    case 'SQLITE_CORRUPT_INDEX':
    case 'SQLITE_CORRUPT_SEQUENCE':
    case 'SQLITE_CORRUPT_VTAB':
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
    case 'SQLITE_IOERR_SHORT_READ':
    case 'SQLITE_IOERR_READ':
    case 'SQLITE_IOERR_DATA':
    case 'SQLITE_IOERR_CORRUPTFS':
      return new StoreCorrupt(
        `${path} is damaged (${messageOf(error)}). Put a backup in its place, or move it and its -wal file away to start with an empty history.`,
        { cause: error },
      );
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
      return new Error(
        `Cannot open ${path} for writing (${messageOf(error)}). Check who owns it and its folder.`,
        { cause: error },
      );
    case 'SQLITE_BUSY':
      return new Error(
        `${path} is held by another program. Close what has it open, for example a database viewer or a backup.`,
        { cause: error },
      );
    default:
      return error;
  }
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

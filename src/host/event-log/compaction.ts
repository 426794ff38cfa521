import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'libsql';
import AsyncDatabase from 'libsql/promise';
import { rowOf } from './sqlite-rows.ts';

const MiB = 1024 * 1024;
/** Less than this, or than a quarter of the file, is soon used again. */
const WORTH_BYTES = 8 * MiB;
const WORTH_PART = 0.25;
/** A commit may have to wait for as much: half a second. What is larger uses its free pages again. */
const MAX_LIVE_BYTES = 64 * MiB;
/** A copy for the work, and the same once more in the write-ahead log. */
const ROOM_FACTOR = 2.5;

/** Whether rewriting the database gives back a good part of it, and can be done now. */
export function isWorthCompacting(db: Database.Database, path: string): boolean {
  const read = (name: 'freelist_count' | 'page_count' | 'page_size'): number =>
    rowOf<Record<string, number>>(db.prepare(`PRAGMA ${name}`))?.[name] ?? 0;
  const free = read('freelist_count') * read('page_size');
  const all = read('page_count') * read('page_size');
  const live = all - free;
  if (free < WORTH_BYTES || free < WORTH_PART * all || live > MAX_LIVE_BYTES) return false;
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize > live * ROOM_FACTOR;
}

/**
 * Rewrites the database off this thread, on a connection of its own. Readers go on; a commit in the
 * meantime waits until it is done, for libsql's `interrupt` waits for that too.
 */
export async function compact(path: string): Promise<void> {
  const db = new AsyncDatabase(path, {});
  try {
    await db.exec(
      'PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; PRAGMA temp_store = FILE; PRAGMA busy_timeout = 0',
    );
    await db.exec('VACUUM');
  } finally {
    db.close();
  }
}

/** The first thing that is wrong with the pages of a database; null when they are whole. */
export async function quickCheck(path: string): Promise<string | null> {
  const db = new AsyncDatabase(path, {});
  try {
    const statement = await db.prepare('PRAGMA quick_check(1)');
    const row: unknown = await statement.get();
    const found =
      typeof row === 'object' && row !== null && 'quick_check' in row
        ? String(row.quick_check)
        : '';
    return found === 'ok' ? null : found;
  } catch (error) {
    if (isDamage(error)) return String(error);
    throw error;
  } finally {
    db.close();
  }
}

function isDamage(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return /^SQLITE_(CORRUPT|NOTADB)/u.test(String(code));
}

/** A whole copy as of now in a new file, written beside this thread. */
export async function snapshot(path: string, into: string): Promise<void> {
  const db = new AsyncDatabase(path, {});
  try {
    await db.exec('PRAGMA temp_store = FILE');
    const statement = await db.prepare('VACUUM INTO ?');
    await statement.run(into);
  } finally {
    db.close();
  }
}

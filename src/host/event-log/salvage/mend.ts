import type Database from 'libsql';
import { newSessionId } from '../../ids.ts';
import type { EventBody } from '../../../protocol/session/events.ts';
import { sessionIdSchema } from '../../../protocol/ids.ts';
import { sessionStateFoldSchema, type SessionState } from '../../../protocol/session/state.ts';
import { eventKey, seqOfKey } from '../schema.ts';
import { rowOf, rowsOf } from '../sqlite-rows.ts';
import type { Found, FoundSession } from './gather.ts';

export interface Mended {
  readonly id: string;
  /** Events of it that are gone. */
  readonly lost: number;
}

/**
 * Makes sessions of what was found: each gap in the numbers becomes one notice that stands for all
 * of it (`from`…`seq`), so that no number changes and none is missing; and each session begins with
 * its creation, made up from the saved fold where the event itself is gone.
 */
export function mendSessions(db: Database.Database, found: Found, nowIso: string): Mended[] {
  return [...found.sessions].flatMap(([no, session]) => {
    if (found.forgotten.has(no)) return [];
    const mended = mendSession(db, no, session, nowIso);
    return mended === null ? [] : [mended];
  });
}

function mendSession(
  db: Database.Database,
  no: number,
  session: FoundSession,
  nowIso: string,
): Mended | null {
  const first = created(db, no);
  const fold = foldOf(session.state);
  const gaps = gapsOf(db, no, session.lastSeq);
  const lost = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  // A number in the tree alone may be what a forgotten session has left there.
  const isThere = session.id !== null || hasEvents(db, no);
  if (!isThere || (first === null && fold === null && session.lastSeq === 0)) return null;
  const id = session.id ?? first?.sessionId ?? fold?.id ?? newSessionId();
  const put = db.prepare('INSERT INTO events (key, type, at, body) VALUES (?, ?, ?, ?)');
  const append = (seq: number, at: string, body: EventBody & { from?: number }): void =>
    void put.run(eventKey(no, seq), body.type, at, JSON.stringify(body));
  for (const { from, to } of gaps) {
    const at = timeNear(db, no, to) ?? fold?.updatedAt ?? nowIso;
    if (from === 1) append(1, fold?.createdAt ?? at, creationOf(id, fold));
    const rest = from === 1 ? 2 : from;
    if (rest <= to) append(to, at, { ...noticeOf(to - rest + 1), from: rest });
  }
  const keepsFold = fold !== null && fold.id === id;
  db.prepare('INSERT INTO sessions (no, id, state, state_seq) VALUES (?, ?, ?, ?)').run(
    no,
    id,
    keepsFold ? session.state : null,
    keepsFold ? session.stateSeq : 0,
  );
  return { id, lost };
}

function hasEvents(db: Database.Database, no: number): boolean {
  const any = db.prepare('SELECT 1 AS one FROM events WHERE key > ? AND key < ? LIMIT 1');
  return rowOf(any, eventKey(no, 0), eventKey(no + 1, 0)) !== null;
}

function created(db: Database.Database, no: number): { sessionId: string } | null {
  const row = rowOf<{ type: string; body: string }>(
    db.prepare('SELECT type, body FROM events WHERE key = ?'),
    eventKey(no, 1),
  );
  if (row === null || row.type !== 'session.created') return null;
  const body: unknown = JSON.parse(row.body);
  const id = typeof body === 'object' && body !== null && 'sessionId' in body ? body.sessionId : 0;
  const sessionId = sessionIdSchema.safeParse(id);
  return sessionId.success ? { sessionId: sessionId.data } : null;
}

/** Runs of numbers without an event, from 1 to the last number that is known of. */
function gapsOf(
  db: Database.Database,
  no: number,
  lastSeq: number,
): { from: number; to: number }[] {
  const rows = rowsOf<{ key: number; before: number | null }>(
    db.prepare(
      `SELECT key, before FROM (SELECT key, lag(key, 1, ?1) OVER (ORDER BY key) AS before
       FROM events WHERE key > ?1 AND key < ?2) WHERE key > before + 1`,
    ),
    eventKey(no, 0),
    eventKey(no + 1, 0),
  );
  const gaps = rows.map(({ key, before }) => ({
    from: seqOfKey(before ?? 0) + 1,
    to: seqOfKey(key) - 1,
  }));
  const newest = rowOf<{ key: number | null }>(
    db.prepare('SELECT max(key) AS key FROM events WHERE key > ? AND key < ?'),
    eventKey(no, 0),
    eventKey(no + 1, 0),
  )?.key;
  const last = newest === null || newest === undefined ? 0 : seqOfKey(newest);
  if (lastSeq > last) gaps.push({ from: last + 1, to: lastSeq });
  return gaps;
}

/** Of the first event after it, else of the last one before. */
function timeNear(db: Database.Database, no: number, seq: number): string | null {
  const span = [eventKey(no, 0), eventKey(no, seq), eventKey(no + 1, 0)] as const;
  const after = rowOf<{ at: string }>(
    db.prepare('SELECT at FROM events WHERE key > ? AND key > ? AND key < ? ORDER BY key LIMIT 1'),
    ...span,
  );
  const before = rowOf<{ at: string }>(
    db.prepare(
      'SELECT at FROM events WHERE key > ? AND key <= ? AND key < ? ORDER BY key DESC LIMIT 1',
    ),
    ...span,
  );
  return after?.at ?? before?.at ?? null;
}

function foldOf(text: string | null): SessionState | null {
  if (text === null) return null;
  const fold = sessionStateFoldSchema.safeParse(JSON.parse(text));
  return fold.success ? fold.data : null;
}

/** Without a fold nothing is known of it but what it said: it can be read, and stands still. */
function creationOf(id: string, fold: SessionState | null): EventBody {
  return {
    type: 'session.created',
    sessionId: sessionIdSchema.parse(id),
    agent: fold?.agent ?? 'unknown',
    cwd: fold?.cwd ?? '/',
    worktree: fold?.worktree ?? null,
    mode: fold?.mode ?? 'ask',
    title: fold?.title ?? 'Saved from a damaged history',
    named: true,
    ...(fold?.origin && { origin: fold.origin }),
    ...(fold?.shared && { shared: true }),
    by: 'host',
  };
}

function noticeOf(count: number): EventBody {
  const what = count === 1 ? 'One event of this session is' : `${count} events of this session are`;
  return {
    type: 'notice',
    level: 'warning',
    text: `${what} gone: the history on the disk was damaged here.`,
    by: 'host',
  };
}

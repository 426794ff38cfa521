import { sessionEventSchema } from '../../../protocol/session/events.ts';
import { seqOfKey, sessionNoOfKey } from '../schema.ts';
import type { DatabasePages } from './database-pages.ts';
import {
  childrenOf,
  INDEX_LEAF,
  kindOf,
  rowsOn,
  TABLE_INTERIOR,
  TABLE_LEAF,
  type Row,
} from './records.ts';

export interface FoundEvent {
  readonly key: number;
  readonly type: string;
  readonly at: string;
  readonly body: string;
}

export interface FoundAudit {
  readonly n: number;
  readonly kind: string;
  readonly entry: string;
}

export interface FoundSession {
  /** null: only its events are left. */
  id: string | null;
  state: string | null;
  stateSeq: number;
  /** Highest number it is known to have had, from wherever that is told. */
  lastSeq: number;
}

export interface Found {
  readonly sessions: Map<number, FoundSession>;
  /** Numbers of sessions whose events were being cleared away. */
  readonly forgotten: Set<number>;
}

/** Pages between two breaths: the host answers meanwhile that it is at it. */
const PAGES_AT_ONCE = 500;
const SMALLEST_KEY = 2 ** 32;

/**
 * Everything on the pages that is a session or an event of one, wherever it lies and whatever leads
 * there. `keep` gets each event that is whole. What lies on free pages is gone on purpose.
 */
export async function gather(
  pages: DatabasePages,
  keep: (event: FoundEvent) => void,
  keepAudit: (found: FoundAudit) => void,
  onProgress: (part: number) => void,
): Promise<Found> {
  const found: Found = { sessions: new Map(), forgotten: new Set() };
  const free = pages.free();
  for (let page = 1; page <= pages.count; page += 1) {
    if (page % PAGES_AT_ONCE === 0) {
      onProgress(page / pages.count);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const bytes = free.has(page) ? null : pages.read(page);
    if (bytes === null) continue;
    const kind = kindOf(bytes, page);
    if (kind === TABLE_INTERIOR)
      for (const { upTo } of childrenOf(bytes, page)) if (upTo !== null) heardOf(found, upTo);
    if (kind === INDEX_LEAF) for (const row of rowsOn(pages, bytes, page).rows) ofIndex(found, row);
    if (kind === TABLE_LEAF)
      for (const row of rowsOn(pages, bytes, page).rows) {
        ofTable(found, row, keep);
        const audit = auditOf(row);
        if (audit !== null) keepAudit(audit);
      }
  }
  return found;
}

function sessionOf(found: Found, no: number): FoundSession {
  let session = found.sessions.get(no);
  if (session === undefined)
    found.sessions.set(no, (session = { id: null, state: null, stateSeq: 0, lastSeq: 0 }));
  return session;
}

/** An event with this key has been there. */
function heardOf(found: Found, key: number): void {
  if (!isEventKey(key)) return;
  const session = sessionOf(found, sessionNoOfKey(key));
  session.lastSeq = Math.max(session.lastSeq, seqOfKey(key));
}

/** Keys are safe integers, of sessions that are numbered from 1, and so are their events. */
function isEventKey(key: number): boolean {
  return Number.isSafeInteger(key) && key > SMALLEST_KEY && seqOfKey(key) > 0;
}

function ofIndex(found: Found, { values }: Row): void {
  const [first, second] = values;
  if (values.length !== 2 || typeof second !== 'number') return;
  if (typeof first === 'number') heardOf(found, first);
  // The ids of sessions are unique, so there is an index of them with their numbers.
  else if (isSessionId(first) && isSessionNo(second)) sessionOf(found, second).id ??= first;
}

function ofTable(found: Found, { rowid, values }: Row, keep: (event: FoundEvent) => void): void {
  const [first, second, third, fourth] = values;
  if (values.length === 1 && first === null && isSessionNo(rowid)) found.forgotten.add(rowid);
  if (values.length !== 4 || first !== null || typeof second !== 'string') return;
  if (isSessionNo(rowid) && isSessionId(second) && typeof fourth === 'number') {
    const session = sessionOf(found, rowid);
    session.id = second;
    if (typeof third !== 'string' || !isJson(third)) return;
    session.state = third;
    session.stateSeq = fourth;
    session.lastSeq = Math.max(session.lastSeq, fourth);
    return;
  }
  if (!isEventKey(rowid) || typeof third !== 'string' || typeof fourth !== 'string') return;
  heardOf(found, rowid);
  const event = { key: rowid, type: second, at: third, body: fourth };
  if (isWhole(event)) keep(event);
}

/** An entry of the audit log, as it is: whether it holds is for `audit verify` to say. */
function auditOf({ rowid, values }: Row): FoundAudit | null {
  const [first, kind, entry] = values;
  if (values.length !== 3 || first !== null) return null;
  if (typeof kind !== 'string' || typeof entry !== 'string' || rowid < 1) return null;
  const json = parsed(entry);
  const isEntry =
    typeof json === 'object' && json !== null && 'n' in json && json.n === rowid && 'hash' in json;
  return isEntry ? { n: rowid, kind, entry } : null;
}

function isWhole({ key, type, at, body }: FoundEvent): boolean {
  const value = parsed(body);
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== type)
    return false;
  return sessionEventSchema.safeParse({ ...value, seq: seqOfKey(key), at }).success;
}

function isJson(text: string): boolean {
  return parsed(text) !== undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && /^s_[a-z0-9]{12}$/u.test(value);
}

function isSessionNo(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 2 ** 21;
}

import type Database from 'libsql';
import type { EventBody, SessionEvent } from '../../protocol/session/events.ts';
import { eventKey, seqOfKey } from './schema.ts';
import { AT_CHARS, EVENT, rowsOf, textOf, withinBytes, type EventRow } from './sqlite-rows.ts';
import { WORTH_REMEMBERING_BYTES, type SessionCounter } from './sqlite-writer.ts';
import { StoreCorrupt, type Store } from './store.ts';

/** Reads events out of their table. What it throws is SQLite's; whoever asks explains it. */
export class EventReads {
  readonly #path: string;
  readonly #bytes: WeakMap<SessionEvent, number>;
  readonly #up;
  readonly #down;
  readonly #sizesUp;
  readonly #sizesDown;
  readonly #turns;

  /** `bytes`: the sizes of events that are known, shared with the writer. */
  constructor(db: Database.Database, path: string, bytes: WeakMap<SessionEvent, number>) {
    this.#path = path;
    this.#bytes = bytes;
    const span = 'key > ? AND key < ? ORDER BY key';
    this.#up = db.prepare(`SELECT ${EVENT} FROM events WHERE ${span} LIMIT ?`);
    this.#down = db.prepare(`SELECT ${EVENT} FROM events WHERE ${span} DESC LIMIT ?`);
    this.#sizesUp = db.prepare(
      `SELECT octet_length(body) AS bytes FROM events WHERE ${span} LIMIT ?`,
    );
    this.#sizesDown = db.prepare(
      `SELECT octet_length(body) AS bytes FROM events WHERE ${span} DESC LIMIT ?`,
    );
    this.#turns = db.prepare(
      `SELECT ${EVENT} FROM events WHERE type IN ('turn.started', 'turn.ended') AND ${span}`,
    );
  }

  /** See {@link Store.events}. */
  range(session: SessionCounter, range: Parameters<Store['events']>[1]): SessionEvent[] {
    const after = Math.max(0, range.after ?? 0);
    const before = Math.min(range.before ?? Infinity, session.lastSeq + 1);
    if (before <= after + 1 || range.limit < 1) return [];
    const down = range.newest === true;
    const span = [eventKey(session.no, after), eventKey(session.no, before)] as const;
    const limit =
      range.maxBytes === undefined
        ? range.limit
        : withinBytes(
            rowsOf(down ? this.#sizesDown : this.#sizesUp, ...span, range.limit),
            range.maxBytes,
          );
    const events = this.#read(down ? this.#down : this.#up, ...span, limit);
    return down ? events.reverse() : events;
  }

  turnsOf({ no }: SessionCounter): SessionEvent[] {
    return this.#read(this.#turns, eventKey(no, 0), eventKey(no + 1, 0));
  }

  bytesOf(event: SessionEvent): number {
    const known = this.#bytes.get(event);
    if (known !== undefined) return known;
    const bytes = Buffer.byteLength(JSON.stringify(event));
    if (bytes >= WORTH_REMEMBERING_BYTES) this.#bytes.set(event, bytes);
    return bytes;
  }

  #read(statement: Database.Statement, ...params: readonly number[]): SessionEvent[] {
    // Not `rowsOf`: they are decoded one by one.
    const rows = statement.all(...params) as EventRow[];
    return rows.map((row) => this.#event(row));
  }

  #event({ key, event: bytes }: EventRow): SessionEvent {
    try {
      const text = textOf(bytes);
      // Our own row, parsed when it came in. One of a newer version may have a type unknown here.
      const body: EventBody = JSON.parse(text.slice(AT_CHARS));
      const numbering = { seq: seqOfKey(key), at: text.slice(0, AT_CHARS) };
      const event: SessionEvent = Object.assign(body, numbering);
      if (bytes.byteLength >= WORTH_REMEMBERING_BYTES) this.#bytes.set(event, bytes.byteLength);
      return event;
    } catch (error) {
      throw new StoreCorrupt(`${this.#path} is damaged: event ${key} is not whole.`, {
        cause: error,
      });
    }
  }
}

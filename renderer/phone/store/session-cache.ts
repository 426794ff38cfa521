import { epochSchema, type Epoch, type SessionId } from '../../../src/protocol/ids.ts';
import { TAIL_BYTES, TAIL_EVENTS } from '../../../src/protocol/limits.ts';
import { sessionEventSchema, type SessionEvent } from '../../../src/protocol/session/events.ts';
import { sessionStateFoldSchema, type SessionState } from '../../../src/protocol/session/state.ts';
import type { KeptSession } from '../../state/host-memory.ts';
import type { Database } from './database.ts';
import { dropSession, eventsOf, type Room } from './room.ts';
import type { PhoneDatabase, StoredEvent, StoredSession } from './schema.ts';

/** Events to be kept, and the fold after the last of them. */
export interface Advance {
  readonly sessionId: SessionId;
  readonly epoch: Epoch;
  readonly events: readonly SessionEvent[];
  readonly state: SessionState;
  /** Set where the host started over: what was kept goes, and this is `earlier` of the new. */
  readonly startOver: { readonly earlier: number } | null;
}

/**
 * The sessions of one host as they were last seen: the fold, its cursor and the newest events, which
 * change together in one transaction or not at all.
 */
export class SessionCache {
  readonly #database: Database;
  readonly #room: Room;
  readonly #hostId: string;
  readonly #nowMs: () => number;

  constructor(database: Database, room: Room, hostId: string, nowMs: () => number) {
    this.#database = database;
    this.#room = room;
    this.#hostId = hostId;
    this.#nowMs = nowMs;
  }

  /** null where nothing is kept, or nothing that this version of the app can read. */
  async load(sessionId: SessionId): Promise<KeptSession | null> {
    const [session, events] = await this.#database.run(async (db) => {
      const tx = db.transaction(['sessions', 'events']);
      return await Promise.all([
        tx.objectStore('sessions').get([this.#hostId, sessionId]),
        tx.objectStore('events').getAll(eventsOf(this.#hostId, sessionId)),
      ]);
    });
    if (session === undefined) return null;
    const kept = readBack(session, events);
    if (kept === null) await this.drop(sessionId);
    return kept;
  }

  async advance(advance: Advance): Promise<void> {
    const sized = advance.events.map((event) => this.#stored(advance.sessionId, event));
    await this.#room.write((db) => this.#write(db, advance, sized));
  }

  async drop(sessionId: SessionId): Promise<void> {
    await this.#database.run((db) => dropSession(db, this.#hostId, sessionId));
  }

  async #write(db: PhoneDatabase, advance: Advance, sized: readonly StoredEvent[]): Promise<void> {
    const { sessionId, epoch, state, startOver } = advance;
    const key: [string, string] = [this.#hostId, sessionId];
    const tx = db.transaction(['sessions', 'events'], 'readwrite');
    const sessions = tx.objectStore('sessions');
    const events = tx.objectStore('events');
    const before = startOver === null ? await sessions.get(key) : undefined;
    const fresh = sized.filter(({ seq }) => seq > (before?.cursor ?? 0));
    const isNext =
      startOver !== null ||
      (before !== undefined &&
        before.epoch === epoch &&
        (fresh[0] === undefined || firstSeqOf(fresh[0]) === before.cursor + 1));
    // Another page of this phone has written what does not fit: the next answer of the host starts over.
    if (!isNext) return await tx.done;
    if (startOver !== null) await events.delete(eventsOf(...key));
    for (const event of fresh) await events.put(event);
    const grown: StoredSession = {
      hostId: this.#hostId,
      sessionId,
      epoch,
      cursor: Math.max(state.lastSeq, before?.cursor ?? 0),
      state: before !== undefined && before.cursor > state.lastSeq ? before.state : state,
      earlier: startOver?.earlier ?? before?.earlier ?? 0,
      events: (before?.events ?? 0) + fresh.length,
      bytes: (before?.bytes ?? 0) + bytesOf(fresh),
      usedAtMs: this.#nowMs(),
    };
    let trimmed = grown;
    if (grown.events > TAIL_EVENTS || grown.bytes > TAIL_BYTES) {
      let cursor = await events.openCursor(eventsOf(...key));
      while (cursor !== null && isTooMuch(trimmed)) {
        const { seq, bytes } = cursor.value;
        trimmed = {
          ...trimmed,
          earlier: seq,
          events: trimmed.events - 1,
          bytes: trimmed.bytes - bytes,
        };
        await cursor.delete();
        cursor = await cursor.continue();
      }
    }
    await sessions.put(trimmed);
    await tx.done;
  }

  #stored(sessionId: SessionId, event: SessionEvent): StoredEvent {
    return {
      hostId: this.#hostId,
      sessionId,
      seq: event.seq,
      // In UTF-16 code units: near enough for a bound, and cheap.
      bytes: JSON.stringify(event).length,
      event,
    };
  }
}

/** Once over the bound, to three quarters of it: not one deletion for each new event. */
function isTooMuch({ events, bytes }: StoredSession): boolean {
  return events > 1 && (events > TAIL_EVENTS * 0.75 || bytes > TAIL_BYTES * 0.75);
}

const bytesOf = (events: readonly StoredEvent[]): number =>
  events.reduce((sum, { bytes }) => sum + bytes, 0);

/** A merged event reaches back to `from`. */
function firstSeqOf({ seq, event }: StoredEvent): number {
  return sessionEventSchema.safeParse(event).data?.from ?? seq;
}

function readBack(session: StoredSession, stored: readonly StoredEvent[]): KeptSession | null {
  const state = sessionStateFoldSchema.safeParse(session.state);
  const epoch = epochSchema.safeParse(session.epoch);
  if (!state.success || !epoch.success || state.data.lastSeq !== session.cursor) return null;
  const events: SessionEvent[] = [];
  let expected: number | null = null;
  for (const { event } of stored) {
    const parsed = sessionEventSchema.safeParse(event);
    if (!parsed.success) return null;
    const from: number = parsed.data.from ?? parsed.data.seq;
    if (expected !== null && from !== expected) return null;
    expected = parsed.data.seq + 1;
    events.push(parsed.data);
  }
  const last = events.at(-1);
  if (last !== undefined && last.seq !== session.cursor) return null;
  return { epoch: epoch.data, state: state.data, events, earlier: session.earlier };
}

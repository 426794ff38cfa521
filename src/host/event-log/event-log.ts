import { Emitter } from '../../base/emitter.ts';
import { silentLogger, type Logger } from '../../base/log.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { EventBody, SessionEvent } from '../../protocol/session/events.ts';
import { reduce } from '../../protocol/session/reduce.ts';
import {
  sessionStateFoldSchema,
  type SessionState,
  type Turn,
} from '../../protocol/session/state.ts';
import type { SessionRow, Store, Writer } from './store.ts';
import { turnsOf } from './turns.ts';

/** A fold is saved at least this often, so that start-up folds no more than this many events. */
export const SAVE_STATE_EVERY_EVENTS = 500;
/** Between turns more often: most sessions are idle when a host starts. */
const SAVE_IDLE_EVERY_EVENTS = 32;
const LOAD_EVENTS = 2_000;

/** Writes in one transaction. `append` stamps the time and folds; `session.created` makes the session. */
export interface LogWriter extends Omit<Writer, 'append' | 'saveState' | 'forgetSession'> {
  append(id: SessionId, body: EventBody): SessionEvent;
  /** The fold including what this transaction has appended so far. */
  state(id: SessionId): SessionState | null;
  /** Runs once it is durable and listeners were told; never when the transaction fails. */
  afterCommit(act: () => void): void;
}

export interface StateChange {
  readonly state: SessionState;
  readonly previous: SessionState | null;
}

/** What one transaction has added to a session. */
export interface Appended {
  readonly sessionId: SessionId;
  readonly events: readonly SessionEvent[];
}

type Listener = (events: readonly SessionEvent[]) => void;

/**
 * The histories of all sessions and their folds. What it hands out is durable: folds change and
 * listeners hear of events after the commit, in order, before `commit` returns.
 */
export class EventLog {
  readonly changed = new Emitter<StateChange>();
  /** What is new in any session; for whoever follows them all. */
  readonly appended = new Emitter<Appended>();
  /** A session is there no more. */
  readonly forgotten = new Emitter<SessionId>();
  /** Sees each event inside the transaction that appends it, to add what belongs to it. */
  witness: ((tx: LogWriter, id: SessionId, body: EventBody) => void) | null = null;
  readonly #store: Store;
  readonly #now: () => Date;
  readonly #log: Logger;
  readonly #states = new Map<SessionId, SessionState>();
  readonly #savedSeq = new Map<SessionId, number>();
  readonly #followers = new Map<SessionId, Emitter<readonly SessionEvent[]>>();
  readonly #unpublished: (() => void)[] = [];
  #publishing = false;
  #stampedMs = Number.NaN;
  #stamp = '';

  constructor(store: Store, { now, log = silentLogger }: { now(): Date; log?: Logger }) {
    this.#store = store;
    this.#now = now;
    this.#log = log;
    for (const row of store.sessions()) this.#load(row);
  }

  get epoch(): string {
    return this.#store.epoch;
  }

  states(): ReadonlyMap<SessionId, SessionState> {
    return this.#states;
  }

  state(id: SessionId): SessionState | null {
    return this.#states.get(id) ?? null;
  }

  /** See {@link Store.events}. */
  events(id: SessionId, range: Parameters<Store['events']>[1]): SessionEvent[] {
    return this.#store.events(id, range);
  }

  bytesOf(event: SessionEvent): number {
    return this.#store.bytesOf(event);
  }

  turns(id: SessionId): Turn[] {
    return turnsOf(this.#store.turnEvents(id));
  }

  /** Hears each later event of the session once, a transaction's worth at a time. */
  follow(id: SessionId, listener: Listener): () => void {
    let emitter = this.#followers.get(id);
    if (emitter === undefined) this.#followers.set(id, (emitter = new Emitter()));
    return emitter.on(this.#guarded(listener));
  }

  /** One transaction. When `work` throws, or the disk is full, nothing has changed. */
  commit<T>(work: (tx: LogWriter) => T): T {
    const folds = new Map<SessionId, SessionState>();
    const appended = new Map<SessionId, SessionEvent[]>();
    const acts: (() => void)[] = [];
    const result = this.#store.commit((writer) => {
      const done = work(this.#writer(writer, folds, appended, acts));
      for (const state of folds.values()) if (this.#isDue(state)) writer.saveState(state);
      return done;
    });
    const changes = [...folds.values()].map((state) => this.#replace(state));
    this.#publish(() => {
      for (const [id, events] of appended) this.#followers.get(id)?.emit(events);
      for (const [sessionId, events] of appended)
        this.#safely(() => this.appended.emit({ sessionId, events }));
      for (const change of changes) this.#safely(() => this.changed.emit(change));
      for (const act of acts) this.#safely(act);
    });
    return result;
  }

  /** Forgets a session, history and all: nobody finds it from here on. */
  forget(id: SessionId): void {
    this.#store.commit((writer) => writer.forgetSession(id));
    if (!this.#states.delete(id)) return;
    this.#savedSeq.delete(id);
    this.#publish(() => {
      this.#followers.delete(id);
      this.#safely(() => this.forgotten.emit(id));
    });
  }

  #writer(
    writer: Writer,
    folds: Map<SessionId, SessionState>,
    appended: Map<SessionId, SessionEvent[]>,
    acts: (() => void)[],
  ): LogWriter {
    const state = (id: SessionId): SessionState | null => folds.get(id) ?? this.state(id);
    const tx: LogWriter = {
      createSession: (id) => writer.createSession(id),
      putInstance: (row) => writer.putInstance(row),
      setMemo: (instance, memo) => writer.setMemo(instance, memo),
      setSpoolOffset: (instance, offset) => writer.setSpoolOffset(instance, offset),
      dropInstance: (instance) => writer.dropInstance(instance),
      putOutbox: (instance, line) => writer.putOutbox(instance, line),
      replaceOutbox: (instance, n, line) => writer.replaceOutbox(instance, n, line),
      putPending: (row) => writer.putPending(row),
      takePending: (instance, direction, rpcId) => writer.takePending(instance, direction, rpcId),
      putCommand: (surface, commandId, outcome, atMs) =>
        writer.putCommand(surface, commandId, outcome, atMs),
      putMeta: (key, value) => writer.putMeta(key, value),
      auditTip: () => writer.auditTip(),
      putAudit: (row) => writer.putAudit(row),
      state,
      append: (id, body) => {
        if (body.type === 'session.created') writer.createSession(id);
        const event = writer.append(id, body, this.#timestamp());
        folds.set(id, reduce(state(id), event));
        this.witness?.(tx, id, body);
        const events = appended.get(id);
        if (events === undefined) appended.set(id, [event]);
        else events.push(event);
        return event;
      },
      afterCommit: (act) => void acts.push(act),
    };
    return tx;
  }

  /** Most events share their millisecond with the one before. */
  #timestamp(): string {
    const now = this.#now();
    if (now.getTime() !== this.#stampedMs) {
      this.#stampedMs = now.getTime();
      this.#stamp = now.toISOString();
    }
    return this.#stamp;
  }

  #replace(state: SessionState): StateChange {
    const previous = this.state(state.id);
    this.#states.set(state.id, state);
    if (this.#isDue(state)) this.#savedSeq.set(state.id, state.lastSeq);
    return { state, previous };
  }

  /** A new one at once: whose it is, and where it works, is then known from two places. */
  #isDue({ id, lastSeq, turn }: SessionState): boolean {
    const saved = this.#savedSeq.get(id);
    if (saved === undefined) return true;
    const isBetweenTurns = turn !== null && turn.endedAt !== null;
    return lastSeq - saved >= (isBetweenTurns ? SAVE_IDLE_EVERY_EVENTS : SAVE_STATE_EVERY_EVENTS);
  }

  /** A listener may commit: what that publishes waits its turn, so that everyone hears in order. */
  #publish(tell: () => void): void {
    this.#unpublished.push(tell);
    if (this.#publishing) return;
    this.#publishing = true;
    try {
      for (
        let next = this.#unpublished.shift();
        next !== undefined;
        next = this.#unpublished.shift()
      )
        next();
    } finally {
      this.#publishing = false;
    }
  }

  #guarded(listener: Listener): Listener {
    return (events) => this.#safely(() => listener(events));
  }

  /** The commit is done; one listener's bug must not keep the others from hearing of it. */
  #safely(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#log.error(
        { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
        'a listener of the event log failed',
      );
    }
  }

  #load(row: SessionRow): void {
    // A fold saved by an older version may lack what the fold has now: then it is made anew.
    const saved = sessionStateFoldSchema.nullable().safeParse(row.state);
    let state = saved.success ? saved.data : null;
    const savedSeq = state === null ? 0 : row.stateSeq;
    for (let after = savedSeq; after < row.lastSeq;) {
      const events = this.#store.events(row.id, { after, limit: LOAD_EVENTS });
      for (const event of events) state = reduce(state, event);
      const last = events.at(-1);
      if (last === undefined) break;
      after = last.seq;
    }
    if (state === null) return;
    this.#states.set(row.id, state);
    this.#savedSeq.set(row.id, savedSeq);
  }
}

import type { Timers } from '../../../src/connection/timers.ts';
import type { Epoch, SessionId } from '../../../src/protocol/ids.ts';
import {
  methods,
  notifications,
  type FollowResult,
  type NotificationParams,
  type Result,
} from '../../../src/protocol/methods.ts';
import type { SessionEvent } from '../../../src/protocol/session/events.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { HostMemory, KeptSession } from '../../state/host-memory.ts';
import type { Database } from './database.ts';
import type { Room } from './room.ts';
import type { Advance, SessionCache } from './session-cache.ts';

type Desk = Result<'desk.follow'>;
type Asleep = NotificationParams<'host.sleeping'>;

/** A busy agent makes a write of this; what is lost with the page is had from the host again. */
const WRITE_AFTER_MS = 400;
const WRITE_AFTER_EVENTS = 256;
const DESK_AFTER_MS = 1_000;

interface Waiting {
  readonly epoch: Epoch;
  events: SessionEvent[];
  state: SessionState;
  startOver: { readonly earlier: number } | null;
}

/**
 * What this phone keeps of one host, written a little behind what is on screen and at once when the
 * page is hidden. A write that fails costs the cache, never the conversation: the host has it.
 */
export class KeptHost implements Omit<HostMemory, 'desk'> {
  readonly #database: Database;
  readonly #room: Room;
  readonly #cache: SessionCache;
  readonly #hostId: string;
  readonly #timers: Timers;
  readonly #waiting = new Map<SessionId, Waiting>();
  readonly #epochs = new Map<SessionId, Epoch>();
  #desk: { readonly desk: Desk; readonly asleep: Asleep | null } | null = null;
  #cancelWrite: (() => void) | null = null;
  #cancelDesk: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(database: Database, room: Room, cache: SessionCache, hostId: string, timers: Timers) {
    this.#database = database;
    this.#room = room;
    this.#cache = cache;
    this.#hostId = hostId;
    this.#timers = timers;
  }

  /** The list as it was last seen, and when. */
  async loadDesk(): Promise<{ desk: Desk; asleep: Asleep | null; atMs: number } | null> {
    const kept = await this.#database.run((db) => db.get('desks', this.#hostId));
    if (kept === undefined) return null;
    const desk = methods['desk.follow'].result.safeParse(kept.desk);
    const asleep = notifications['host.sleeping'].safeParse(kept.asleep).data ?? null;
    return desk.success ? { desk: desk.data, asleep, atMs: kept.atMs } : null;
  }

  async load(sessionId: SessionId): Promise<KeptSession | null> {
    await this.settle();
    const kept = await this.#cache.load(sessionId);
    if (kept?.epoch != null) this.#epochs.set(sessionId, kept.epoch);
    return kept;
  }

  /** `asleep`: the host's last word was that it goes to sleep. */
  keep(desk: Desk, asleep: Asleep | null): void {
    this.#desk = { desk, asleep };
    // Nothing more will come, and the phone is most likely put away too.
    if (asleep !== null) this.#writeDesk();
    else this.#cancelDesk ??= this.#timers.after(DESK_AFTER_MS, () => this.#writeDesk());
  }

  followed(sessionId: SessionId, { epoch, state, events, continues, earlier }: FollowResult): void {
    this.#epochs.set(sessionId, epoch);
    if (!continues) this.#waiting.delete(sessionId);
    this.#add(sessionId, epoch, events, state, continues ? null : { earlier });
  }

  events(sessionId: SessionId, events: readonly SessionEvent[], state: SessionState): void {
    const epoch = this.#epochs.get(sessionId);
    if (epoch !== undefined) this.#add(sessionId, epoch, events, state, null);
  }

  forgotten(sessionId: SessionId): void {
    this.#waiting.delete(sessionId);
    this.#then(() => this.#cache.drop(sessionId));
  }

  /** Writes now what waits; resolves when it is there. */
  async settle(): Promise<void> {
    this.#writeDesk();
    this.#writeSessions();
    await this.#writing;
  }

  #add(
    sessionId: SessionId,
    epoch: Epoch,
    events: readonly SessionEvent[],
    state: SessionState,
    startOver: { earlier: number } | null,
  ): void {
    const waiting = this.#waiting.get(sessionId);
    if (waiting === undefined || startOver !== null || waiting.epoch !== epoch)
      this.#waiting.set(sessionId, { epoch, events: [...events], state, startOver });
    else {
      waiting.events.push(...events);
      waiting.state = state;
    }
    if ((this.#waiting.get(sessionId)?.events.length ?? 0) >= WRITE_AFTER_EVENTS)
      this.#writeSessions();
    else this.#cancelWrite ??= this.#timers.after(WRITE_AFTER_MS, () => this.#writeSessions());
  }

  #writeSessions(): void {
    this.#cancelWrite?.();
    this.#cancelWrite = null;
    const advances: Advance[] = [...this.#waiting].map(([sessionId, waiting]) => ({
      sessionId,
      ...waiting,
    }));
    this.#waiting.clear();
    for (const advance of advances) this.#then(() => this.#cache.advance(advance));
  }

  #writeDesk(): void {
    this.#cancelDesk?.();
    this.#cancelDesk = null;
    const waiting = this.#desk;
    this.#desk = null;
    if (waiting === null) return;
    const kept = { hostId: this.#hostId, atMs: this.#timers.nowMs(), ...waiting };
    this.#then(() => this.#room.write((db) => db.put('desks', kept)));
  }

  #then(write: () => Promise<unknown>): void {
    this.#writing = this.#writing.then(write).then(
      () => {},
      // Full, or taken away: the storage's own troubles are told where it is opened.
      () => {},
    );
  }
}

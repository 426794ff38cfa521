import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import type { NotifyPlace, Place } from '../../protocol/attention.ts';
import type { Courier, Handed, Notice, Outlet, Withdrawn } from '../attention/notice.ts';
import type { Carried, Carrier } from './carrier.ts';
import { Gate } from './gate.ts';
import { PlaceQueue } from './place-queue.ts';

/** Requests at once, over all places. */
const MAX_AT_ONCE = 4;

/** How a place fares, as its last try said. */
export interface PlaceState {
  readonly lastAtMs: number | null;
  readonly problem: string | null;
}

export interface Tried {
  readonly place: Place;
  readonly carried: Carried;
  readonly atMs: number;
}

export interface CourierNeeds {
  /** The places there are now, in a fixed order. */
  carriers(): readonly Carrier[];
  readonly timers: Timers;
  /** A clock that nobody sets; absent: that of the timers. */
  steadyMs?(): number;
  /** In [0, 1). */
  random(): number;
  readonly logger: Logger;
}

/** Brings notices to places, each in a queue of its own: a slow one holds up no other. */
export class PlaceCourier implements Courier {
  readonly outletsChanged = new Emitter<void>();
  readonly handed = new Emitter<Handed>();
  readonly withdrawn = new Emitter<Withdrawn>();
  /** Every try, a test's too. */
  readonly tried = new Emitter<Tried>();
  readonly #needs: CourierNeeds;
  readonly #gate = new Gate(MAX_AT_ONCE);
  /** What goes over no network waits for none that is slow. */
  readonly #open = new Gate(Infinity);
  readonly #queues = new Map<Place, PlaceQueue>();
  readonly #states = new Map<Place, PlaceState>();
  #badge = 0;

  constructor(needs: CourierNeeds) {
    this.#needs = needs;
  }

  outlets(): readonly Outlet[] {
    return this.#needs.carriers().map(({ outlet }) => outlet);
  }

  show(place: Place, notice: Notice, badge: number): void {
    this.#badge = badge;
    const queue = this.#queueOf(place);
    if (queue !== null) return queue.show(notice);
    const { id, round } = notice;
    const problem = 'There is no such place any more.';
    const atMs = this.#needs.timers.nowMs();
    // Whoever asks hears of it after asking, as of every other.
    queueMicrotask(() =>
      this.#say(this.handed, { place, id, round, outcome: 'given up', problem, atMs }),
    );
  }

  withdraw(place: Place, ids: readonly string[], badge: number, upToRound?: number): void {
    this.#badge = badge;
    // Where there is no such place now, it is owed until there is.
    if (ids.length > 0) this.#queueOf(place)?.withdraw(ids, upToRound);
  }

  stateOf(place: Place): PlaceState {
    return this.#states.get(place) ?? { lastAtMs: null, problem: null };
  }

  /** How the places fare that keep no record of their own: all but devices. */
  others(): NotifyPlace[] {
    return this.#needs
      .carriers()
      .filter(({ outlet }) => outlet.kind !== 'push')
      .map(({ outlet: { place, kind }, name }) => {
        const { lastAtMs, problem } = this.stateOf(place);
        const lastAt = lastAtMs === null ? null : new Date(lastAtMs).toISOString();
        return { place, kind, name, state: problem === null ? 'on' : 'failing', lastAt, problem };
      });
  }

  /** Past all queues, once; null: there is no such place. */
  async test(place: Place, notice: Notice): Promise<Carried | null> {
    const carrier = this.#carrier(place);
    if (carrier === null) return null;
    const carried = await this.#gateOf(carrier).pass(
      async () => await carrier.show(notice, this.#badge, false),
    );
    this.#tried(place, carried);
    if (carried.kind === 'handed') this.kick(place);
    return carried;
  }

  /** Places have come, gone or changed: what waits for one that is gone has come to its end. */
  placesChanged(): void {
    for (const [place, queue] of this.#queues) {
      if (this.#carrier(place) !== null) continue;
      this.#queues.delete(place);
      this.#states.delete(place);
      queue.gone('This place is told nothing any more.');
      queue.close();
    }
    this.#say(this.outletsChanged, undefined);
  }

  /** The way there may be another: what waits is tried at once, and what was wrong was so before. */
  kick(place: Place): void {
    const { lastAtMs } = this.stateOf(place);
    this.#states.set(place, { lastAtMs, problem: null });
    this.#queues.get(place)?.kick();
  }

  /** The machine was asleep, or elsewhere: every way may be back. */
  lookAnew(): void {
    for (const queue of this.#queues.values()) queue.kick();
  }

  close(): void {
    for (const queue of this.#queues.values()) queue.close();
    this.#queues.clear();
  }

  #gateOf({ outlet }: Carrier): Gate {
    return outlet.kind === 'desktop' ? this.#open : this.#gate;
  }

  #carrier(place: Place): Carrier | null {
    return this.#needs.carriers().find(({ outlet }) => outlet.place === place) ?? null;
  }

  #queueOf(place: Place): PlaceQueue | null {
    const known = this.#queues.get(place);
    const carrier = this.#carrier(place);
    if (known !== undefined || carrier === null) return known ?? null;
    const { timers, logger } = this.#needs;
    const queue = new PlaceQueue({
      ...{ gate: this.#gateOf(carrier), timers, logger },
      carrier: () => this.#carrier(place),
      badge: () => this.#badge,
      steadyMs: () => this.#needs.steadyMs?.() ?? timers.nowMs(),
      random: () => this.#needs.random(),
      handed: (handed) => this.#say(this.handed, { place, ...handed }),
      withdrawn: (ids) => this.#say(this.withdrawn, { place, ids }),
      tried: (carried) => this.#tried(place, carried),
    });
    this.#queues.set(place, queue);
    return queue;
  }

  #tried(place: Place, carried: Carried): void {
    const atMs = this.#needs.timers.nowMs();
    const before = this.stateOf(place);
    this.#states.set(
      place,
      carried.kind === 'handed'
        ? { lastAtMs: atMs, problem: null }
        : { ...before, problem: carried.problem },
    );
    if (carried.kind !== 'handed' && before.problem !== carried.problem)
      this.#needs.logger.warn({ place, problem: carried.problem }, 'a place could not be told');
    this.#say(this.tried, { place, carried, atMs });
  }

  /** A listener's bug must not stop a queue. */
  #say<T>(emitter: Emitter<T>, value: T): void {
    try {
      emitter.emit(value);
    } catch (error) {
      this.#needs.logger.error({ err: error }, 'what became of a notice was not heard');
    }
  }
}

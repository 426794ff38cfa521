import { Emitter } from '../../src/base/emitter.ts';
import type {
  Courier,
  Handed,
  Notice,
  Outlet,
  Withdrawn,
} from '../../src/host/attention/notice.ts';
import type { Place } from '../../src/protocol/attention.ts';

/** What stands on one device, desktop or server; it outlives hosts. */
export class FakeScreen {
  /** By id. */
  readonly standing = new Map<string, Notice>();
  /** All that was ever shown, each (id, round) once, as a device does it. */
  readonly shown: Notice[] = [];
  readonly #rounds = new Set<string>();

  show(notice: Notice): void {
    const key = `${notice.id} ${notice.round}`;
    if (this.#rounds.has(key)) return;
    this.#rounds.add(key);
    this.shown.push(notice);
    this.standing.set(notice.id, notice);
  }
}

export type Call =
  | { readonly do: 'show'; readonly place: Place; readonly notice: Notice; readonly badge: number }
  | {
      readonly do: 'withdraw';
      readonly place: Place;
      readonly ids: readonly string[];
      readonly badge: number;
    };

/** Hands over at once, unless a test says otherwise; a new one for each host, over the same screens. */
export class FakeCourier implements Courier {
  readonly outletsChanged = new Emitter<void>();
  readonly handed = new Emitter<Handed>();
  readonly withdrawn = new Emitter<Withdrawn>();
  readonly calls: Call[] = [];
  /** What is not done yet, in order. */
  readonly waiting: Call[] = [];
  /** Whether what is given is done at once. */
  isReady = true;
  readonly #outlets: Map<Place, Outlet>;
  readonly #screens: Map<Place, FakeScreen>;
  readonly #nowMs: () => number;

  constructor(
    outlets: Map<Place, Outlet>,
    screens: Map<Place, FakeScreen>,
    nowMs: () => number = () => 0,
  ) {
    this.#outlets = outlets;
    this.#screens = screens;
    this.#nowMs = nowMs;
  }

  outlets(): readonly Outlet[] {
    return [...this.#outlets.values()];
  }

  screen(place: Place): FakeScreen {
    let screen = this.#screens.get(place);
    if (screen === undefined) this.#screens.set(place, (screen = new FakeScreen()));
    return screen;
  }

  show(place: Place, notice: Notice, badge: number): void {
    this.#take({ do: 'show', place, notice, badge });
  }

  withdraw(place: Place, ids: readonly string[], badge: number): void {
    this.#take({ do: 'withdraw', place, ids, badge });
  }

  #take(call: Call): void {
    this.calls.push(call);
    if (this.isReady) this.carryOut(call);
    else this.waiting.push(call);
  }

  /** `how`: it arrives; it arrives and nobody hears of that; it never does. */
  carryOut(call: Call, how: 'arrives' | 'arrivesUnheard' | 'givenUp' = 'arrives'): void {
    const screen = this.screen(call.place);
    if (how !== 'givenUp') {
      if (call.do === 'show') screen.show(call.notice);
      else for (const id of call.ids) screen.standing.delete(id);
    }
    if (how === 'arrivesUnheard') return;
    if (call.do === 'withdraw') this.withdrawn.emit({ place: call.place, ids: call.ids });
    else
      this.handed.emit({
        ...{ place: call.place, id: call.notice.id, round: call.notice.round },
        outcome: how === 'arrives' ? 'handed' : 'given up',
        problem: how === 'arrives' ? null : 'gone',
        atMs: this.#nowMs(),
      });
  }
}

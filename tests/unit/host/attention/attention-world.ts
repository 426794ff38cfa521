import type { Notice } from '../../../../src/host/attention/notice.ts';
import type { ApprovalId, SessionId } from '../../../../src/protocol/ids.ts';
import {
  DEFAULT_NOTIFY_POLICY,
  type NotifyPolicy,
  type Place,
} from '../../../../src/protocol/attention.ts';
import { AttentionBench, device } from './attention-bench.ts';

export const PLACES: readonly Place[] = [device(1), device(2), 'desktop', 'ntfy'];
/** May look, and not decide. */
export const WATCHER: Place = device(9);
const STEP_MS = 10_000;
const SURFACES: readonly Place[] = ['window', 'browser', device(1)];

export type Act =
  | { readonly do: 'turn' | 'end' | 'fail' | 'ask' | 'question' | 'decide'; readonly which: number }
  | { readonly do: 'burst'; readonly which: number; readonly count: number }
  | { readonly do: 'problem'; readonly which: number; readonly isThere: boolean }
  | { readonly do: 'active'; readonly which: number; readonly isActive: boolean }
  | { readonly do: 'see'; readonly which: number; readonly byWatcher: boolean }
  | { readonly do: 'outlet'; readonly which: number; readonly isThere: boolean }
  | { readonly do: 'restart'; readonly arrived: number }
  | { readonly do: 'clock'; readonly byMs: number }
  | { readonly do: 'policy'; readonly policy: Partial<NotifyPolicy> }
  /** Of what waits to be delivered, so many, each with its luck. */
  | { readonly do: 'deliver'; readonly luck: readonly Luck[] }
  | { readonly do: 'pass'; readonly ms: number };

/** `hangs`: it arrived, and is tried again, since nobody heard so. `fails`: it is tried again. */
export type Luck = 'arrives' | 'hangs' | 'fails' | 'givenUp';

export const POLICIES: readonly Partial<NotifyPolicy>[] = [
  { quietHours: { from: '11:00', to: '12:30' } },
  { quietHours: { from: '22:00', to: '07:00' }, quietExcept: ['decision'] },
  { quietHours: null },
  { kinds: { ...DEFAULT_NOTIFY_POLICY.kinds, finished: false } },
  { kinds: { ...DEFAULT_NOTIFY_POLICY.kinds, decision: false } },
  { kinds: DEFAULT_NOTIFY_POLICY.kinds },
  { digestFrom: 2 },
  { digestFrom: 5 },
  { repeats: 0 },
  { repeats: 2 },
  { seenSec: 5 },
  { desktop: false },
  { desktop: true },
];

/** Numbers as if by chance, the same each time. */
export function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Sessions, people, devices, the ways to them and the clocks, as they come. */
export class AttentionWorld {
  readonly bench: AttentionBench;
  readonly sessions: SessionId[];
  /** Notifications that a courier has given up: nobody can take those back. */
  readonly beyondReach = new Set<Place>();
  events = 0;
  restarts = 0;
  failures = 0;

  constructor(bench = new AttentionBench()) {
    this.bench = bench;
    this.bench.courier.isReady = false;
    this.sessions = ['a', 'b', 'c', 'd'].map((title) => this.bench.born(title));
    for (const place of PLACES) this.bench.outlet(place);
    this.bench.outlet(WATCHER, { role: 'viewer' });
  }

  perform(one: Act): void {
    const { bench } = this;
    this.events += 1;
    switch (one.do) {
      case 'pass':
        return bench.timers.advance(one.ms);
      case 'restart': {
        // Of what was on its way some has arrived, and nobody heard of it.
        const waiting = bench.courier.waiting.splice(0);
        const screens = bench.courier;
        for (const call of waiting.slice(0, one.arrived)) screens.carryOut(call, 'arrivesUnheard');
        this.restarts += 1;
        return bench.restart();
      }
      case 'clock':
        bench.wallSetMs += one.byMs;
        return;
      case 'policy':
        bench.policy = { ...bench.policy, ...one.policy };
        return bench.attention.look();
      case 'deliver':
        for (const luck of one.luck) this.#deliver(luck);
        return;
      case 'outlet': {
        const place = PLACES[one.which % PLACES.length] ?? 'desktop';
        if (one.isThere) bench.outlet(place);
        else {
          bench.outlets.delete(place);
          bench.courier.outletsChanged.emit();
        }
        return;
      }
      case 'active':
        return bench.active(SURFACES[one.which % SURFACES.length] ?? 'window', one.isActive);
      case 'see': {
        const item = bench.items[one.which % Math.max(1, bench.items.length)];
        if (item === undefined) return;
        if (one.byWatcher) return bench.seen([item.id], WATCHER, 'viewer');
        return bench.seen([item.id]);
      }
      case 'problem':
        return bench.problems.set(`p${one.which}`, one.isThere ? 'It is wrong.' : null);
      default:
        return this.#work(one);
    }
  }

  /** In the long run everything that can be delivered is. */
  settle(forMs = 0): void {
    const { timers, courier } = this.bench;
    timers.advance(0);
    for (let leftMs = forMs; ; leftMs -= STEP_MS) {
      for (let n = 0; courier.waiting.length > 0 && n < 10_000; n += 1) {
        this.#deliver('arrives');
        timers.advance(0);
      }
      if (leftMs <= 0) return;
      timers.advance(Math.min(leftMs, STEP_MS));
    }
  }

  #work(one: Extract<Act, { readonly which: number }>): void {
    const { bench } = this;
    const id = this.sessions[one.which % this.sessions.length];
    const state = id === undefined ? null : bench.log.state(id);
    if (id === undefined || state === null) return;
    const isRunning = state.turn?.endedAt === null;
    const [first] = state.approvals;
    switch (one.do) {
      case 'turn':
        if (!isRunning) bench.turn(id);
        return;
      case 'end':
      case 'fail':
        if (isRunning && first === undefined)
          bench.ended(id, one.do === 'end' ? 'completed' : 'failed');
        return;
      case 'ask':
      case 'question':
        if (!isRunning) bench.turn(id);
        bench.asks(id, one.do === 'question' ? { kind: 'question' } : {});
        return;
      case 'burst':
        if (!isRunning) bench.turn(id);
        for (let n = 0; n < one.count; n += 1) bench.asks(id);
        return;
      case 'decide':
        if (first !== undefined) bench.decides(id, first.id);
        return;
      default:
    }
  }

  #deliver(luck: Luck): void {
    const { courier, outlets } = this.bench;
    const [call] = courier.waiting;
    if (call === undefined) return;
    const isThere = outlets.has(call.place);
    if (luck === 'fails' && isThere) {
      this.failures += 1;
      return;
    }
    if (luck === 'hangs' && isThere) {
      this.failures += 1;
      return courier.carryOut(call, 'arrivesUnheard');
    }
    courier.waiting.shift();
    if (isThere && luck !== 'givenUp') {
      if (call.do === 'show') this.beyondReach.delete(keyOf(call.place, call.notice.id));
      return courier.carryOut(call, 'arrives');
    }
    this.failures += 1;
    if (call.do === 'withdraw')
      for (const id of call.ids) this.beyondReach.add(keyOf(call.place, id));
    courier.carryOut(call, 'givenUp');
  }

  /** Open, unseen, and of a kind that is told: as the issue says it, looked up in the plainest way. */
  open(): string[] {
    const { items } = this.bench;
    return items.filter(({ seenAt }) => seenAt === null).map(({ id }) => id);
  }

  /** Approvals that wait, by the log alone. */
  approvals(): ApprovalId[] {
    return [...this.bench.log.states().values()].flatMap(({ approvals }) =>
      approvals.map(({ id }) => id),
    );
  }

  /** Notifications that still ask for what is over, or for more than there is, once all is at rest. */
  stillAsking(): string[] {
    const open = new Set(this.open());
    return this.#standing(({ id, count }) =>
      count === undefined ? !open.has(id) : count > open.size,
    );
  }

  /**
   * The same at once, when how many are left is not told yet, and a host that has just started does not
   * know which problems are gone.
   */
  stillAskingAtOnce(): string[] {
    const open = new Set(this.open());
    const isOver = ({ id, count }: Notice) =>
      count === undefined ? !open.has(id) : open.size === 0;
    return this.#standing((notice) => isOver(notice) && !notice.id.startsWith('problem:'));
  }

  #standing(isIt: (notice: Notice) => boolean): string[] {
    // At a place that is away nothing can be taken back before it is there again.
    const there = [...this.bench.screens].filter(([place]) => this.bench.outlets.has(place));
    return there.flatMap(([place, { standing }]) =>
      [...standing.values()]
        .filter((notice) => isIt(notice) && !this.beyondReach.has(keyOf(place, notice.id)))
        .map(({ id }) => id),
    );
  }

  /** Things that nobody has seen, and nobody who may act on them was told of. */
  lost(): string[] {
    return this.bench.items
      .filter(({ seenAt, told }) => seenAt === null && !told.some(isAtAnActor))
      .map(({ id }) => id);
  }

  /** What was shown again under a number that is not above the last. */
  repeated(): string[] {
    return [...this.bench.screens].flatMap(([place, { shown }]) => {
      const last = new Map<string, number>();
      return shown.flatMap(({ id, round }) => {
        const isAgain = round <= (last.get(id) ?? 0);
        last.set(id, round);
        return isAgain ? [`${place} ${id} ${round}`] : [];
      });
    });
  }
}

function isAtAnActor({ place, outcome }: { place: Place; outcome: string }): boolean {
  return place !== WATCHER && outcome !== 'failed';
}

function keyOf(place: Place, id: string): string {
  return `${place} ${id}`;
}

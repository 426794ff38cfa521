import type { Place } from '../../protocol/attention.ts';
import type { Ask } from './asks.ts';
import { MAX_TELLINGS, type Kept, type Memory, type Telling } from './memory.ts';
import type { World } from './places.ts';

export type Effect =
  | {
      readonly do: 'show';
      readonly place: Place;
      /** Several: a digest. */
      readonly asks: readonly Ask[];
      readonly isDigest: boolean;
      readonly round: number;
      readonly loud: boolean;
      readonly at: string;
      /** It was told there before, and may stand there. */
      readonly isAgain: boolean;
    }
  | {
      readonly do: 'withdraw';
      readonly place: Place;
      readonly ids: readonly string[];
      /** The last of what is taken back; what is told later holds. */
      readonly upToRound: number;
    };

/** One look: what is the case, what was told, and what follows. */
export class Moment {
  readonly memory: Memory;
  readonly asks: ReadonlyMap<string, Ask>;
  readonly world: World;
  readonly effects: Effect[] = [];
  /** The memory is another than before. */
  isChanged = false;

  constructor(memory: Memory, asks: ReadonlyMap<string, Ask>, world: World) {
    this.memory = memory;
    this.asks = asks;
    this.world = world;
  }

  set(id: string, change: Partial<Kept>): void {
    this.memory.set(id, change);
    this.isChanged = true;
  }

  /** It asks, nobody has seen it who may act on it, and its kind is switched on; null otherwise. */
  open(id: string): { readonly ask: Ask; readonly kept: Kept } | null {
    const ask = this.asks.get(id);
    const kept = this.memory.kept.get(id);
    if (ask === undefined || kept === undefined || kept.seenAt !== null) return null;
    return this.world.policy.kinds[ask.kind] ? { ask, kept } : null;
  }

  /** The same, for one place. */
  openAt(id: string, place: Place): Ask | null {
    const open = this.open(id);
    return open === null || open.kept.seenBy.includes(place) ? null : open.ask;
  }

  nextRound(): number {
    return this.memory.nextRound(this.world.wallMs);
  }

  told(id: string, telling: Omit<Telling, 'at' | 'atMs'>): void {
    const kept = this.memory.kept.get(id);
    if (kept === undefined) return;
    const { at, nowMs: atMs } = this.world;
    const before = telling.stands ? withoutStanding(kept.told, telling.place) : kept.told;
    this.set(id, {
      told: bounded([...before, { ...telling, at, atMs }]),
      joins: null,
      held: false,
    });
  }

  withdraw(place: Place, ids: readonly string[]): void {
    if (ids.length === 0) return;
    this.memory.owe(place, ids);
    this.effects.push({ do: 'withdraw', place, ids, upToRound: this.memory.round });
    this.isChanged = true;
  }

  /** A notification of its own is no longer to be seen there. */
  fold(id: string, place: Place): void {
    const kept = this.memory.kept.get(id);
    if (kept !== undefined) this.set(id, { told: withoutStanding(kept.told, place) });
  }

  show(effect: Omit<Extract<Effect, { do: 'show' }>, 'do' | 'at' | 'isAgain'>, id: string): void {
    const told = this.memory.kept.get(id)?.told ?? [];
    // What takes the place of a withdrawn one is not to be withdrawn.
    const isOwed = this.memory.settle(effect.place, [id]);
    const isAgain = isOwed || told.some(({ place }) => place === effect.place);
    this.effects.push({ do: 'show', at: this.world.at, ...effect, isAgain });
    this.isChanged = true;
  }
}

function withoutStanding(told: readonly Telling[], place: Place): Telling[] {
  return told.map((each) => (each.place === place ? { ...each, stands: false } : each));
}

/** The oldest go, but not what is still to be withdrawn. */
function bounded(told: Telling[]): Telling[] {
  const drop = told.length > MAX_TELLINGS ? told.findIndex(({ stands }) => !stands) : -1;
  return drop === -1 ? told : told.toSpliced(drop, 1);
}

import type { Place } from '../../protocol/attention.ts';
import { quietUntil } from '../clock/quiet-hours.ts';
import { type Ask } from './asks.ts';
import type { Kept, Memory } from './memory.ts';
import { Moment, type Effect } from './moment.ts';
import { byNeed } from './notices.ts';
import {
  inOrder,
  isQuietFor,
  isReached,
  newlyActive,
  outletsFor,
  tellingsOf,
  unreachedAt,
  watchersFor,
  type World,
} from './places.ts';
import { lookAtDigests, tellAt, type Due } from './tell-at.ts';

/** What comes back within this time is the same, and not told at once again. */
const BACK_WITHIN_MS = 10 * 60_000;
/** At a time, as many as a list has; what is beyond waits until there is room. */
const MAX_KEPT = 500;

export interface Advance {
  readonly effects: readonly Effect[];
  /** By the steady clock, when to look again; null: not before something changes. */
  readonly nextMs: number | null;
  /** The memory is another than before. */
  readonly isChanged: boolean;
}

/**
 * One look at all that asks for a person: what is told where, and what is withdrawn, follows from what
 * is the case, what was told and the time, and from nothing else. Looking twice changes nothing.
 */
export function advance(memory: Memory, asks: ReadonlyMap<string, Ask>, world: World): Advance {
  const moment = new Moment(memory, asks, world);
  endWhatIsOver(moment);
  beginWhatIsNew(moment);
  for (const [place, due] of dueByPlace(moment)) tellAt(moment, place, due);
  lookAtDigests(moment);
  const { effects, isChanged } = moment;
  return { effects, isChanged, nextMs: nextOf(moment) };
}

/** Comes and goes by itself: no event of a session tells of it. */
function isOfTheMachine(id: string): boolean {
  return id.startsWith('problem:') || id.startsWith('pulse:');
}

function endWhatIsOver(moment: Moment): void {
  const { memory, asks, world } = moment;
  const { nowMs } = world;
  for (const id of memory.over.keys())
    if (!asks.has(id)) {
      memory.over.delete(id);
      moment.isChanged = true;
    }
  for (const [id, kept] of memory.kept) {
    const ask = asks.get(id);
    // Its problems are looked for anew by a host that has just started.
    if (ask === undefined && isOfTheMachine(id) && nowMs < world.settledMs) continue;
    if (moment.open(id) !== null) {
      if (kept.goneMs !== null) comeBack(moment, id, kept);
      for (const { place, stands } of kept.told)
        if (stands && kept.seenBy.includes(place)) takeBack(moment, id, place);
      continue;
    }
    for (const { place, stands } of kept.told) if (stands) takeBack(moment, id, place);
    if (ask === undefined) {
      if (!isOfTheMachine(id) || (kept.goneMs !== null && nowMs - kept.goneMs >= BACK_WITHIN_MS)) {
        memory.kept.delete(id);
        moment.isChanged = true;
      } else if (kept.goneMs === null) moment.set(id, { goneMs: nowMs });
    } else if (ask.ends === 'seen') {
      memory.kept.delete(id);
      memory.end(id, kept.sinceMs);
      moment.isChanged = true;
    } else if (kept.seenAt === null && kept.told.length > 0 && kept.goneMs === null) {
      // Its kind was switched off: should that change, it is told anew.
      moment.set(id, { goneMs: nowMs });
    } else if (kept.seenAt !== null && kept.goneMs !== null) moment.set(id, { goneMs: null });
  }
}

function comeBack(moment: Moment, id: string, { told }: Kept): void {
  const { nowMs, policy } = moment.world;
  const lastMs = told.at(-1)?.atMs ?? 0;
  const dueMs = Math.max(nowMs, lastMs + policy.repeatSec * 1_000);
  moment.set(id, { goneMs: null, lap: 0, fromRound: moment.memory.round, dueMs });
}

function takeBack(moment: Moment, id: string, place: Place): void {
  moment.fold(id, place);
  moment.withdraw(place, [id]);
}

function beginWhatIsNew(moment: Moment): void {
  const { memory, asks, world } = moment;
  for (const [id, ask] of asks) {
    const isOld = ask.ends === 'seen' && ask.sinceMs <= memory.fromMs;
    if (memory.kept.has(id) || memory.over.has(id) || isOld) continue;
    // Nobody wants to hear of it, not later either.
    if (ask.ends === 'seen' && !world.policy.kinds[ask.kind]) memory.end(id, ask.sinceMs);
    else if (memory.kept.size < MAX_KEPT || makeRoom(moment))
      memory.kept.set(id, {
        ...{ sinceMs: ask.sinceMs, seenAt: null, fromRound: memory.round, lap: 0 },
        ...{ dueMs: world.nowMs, held: false, joins: null, told: [], seenBy: [], goneMs: null },
      });
    else continue;
    moment.isChanged = true;
  }
}

/** Of what is only to be known, the oldest goes. False: all of it is to be decided. */
function makeRoom(moment: Moment): boolean {
  const { memory, asks } = moment;
  const oldest = [...memory.kept]
    .filter(([id]) => asks.get(id)?.ends === 'seen')
    .reduce<readonly [string, Kept] | null>(
      (a, b) => (a === null || b[1].sinceMs < a[1].sinceMs ? b : a),
      null,
    );
  if (oldest === null) return false;
  const [id, { told, sinceMs }] = oldest;
  for (const { place, stands } of told) if (stands) takeBack(moment, id, place);
  memory.kept.delete(id);
  memory.end(id, sinceMs);
  return true;
}

function dueByPlace(moment: Moment): Map<Place, Due[]> {
  const { memory, world } = moment;
  const byPlace = new Map<Place, Due[]>();
  const add = (place: Place, due: Due): void =>
    void byPlace.set(place, [...(byPlace.get(place) ?? []), due]);
  const due = [...memory.kept.keys()].flatMap((id) => {
    const open = moment.open(id);
    const isDue = open !== null && open.kept.dueMs !== null && open.kept.dueMs <= world.nowMs;
    return isDue ? [open] : [];
  });
  for (const { ask, kept } of due.toSorted((a, b) => byNeed(a.ask, b.ask)))
    next(moment, ask, kept, add);
  return byPlace;
}

/** What becomes of one thing whose time has come. */
function next(moment: Moment, ask: Ask, kept: Kept, add: (place: Place, due: Due) => void): void {
  const { memory, world } = moment;
  const { nowMs, policy } = world;
  const { lap, held } = kept;
  const inMs = (seconds: number) => ({ dueMs: nowMs + seconds * 1_000 });
  const isQuiet = isQuietFor(ask, world);
  if (lap > policy.repeats && isReached(kept)) {
    // Repeated often enough; only a place that came later is told, once.
    const late = unreachedAt(ask, kept, world);
    if (late.length > 0 && isQuiet) return moment.set(ask.id, { held: true });
    for (const { place } of late) add(place, { ask, held, loud: false, acts: true });
    return moment.set(ask.id, { dueMs: null, held: false });
  }
  if (!isQuiet)
    for (const { place } of watchersFor(ask, kept, world))
      add(place, { ask, held, loud: false, acts: false });
  const active = newlyActive(ask, kept, world);
  if (active.length > 0) {
    for (const { place } of active)
      moment.told(ask.id, {
        ...{ place, round: moment.nextRound(), outcome: 'shown', loud: false, acts: true },
        ...{ stands: false, digest: false },
      });
    return moment.set(ask.id, inMs(policy.seenSec));
  }
  if (isQuiet) {
    if (!held) moment.set(ask.id, { held: true });
    return;
  }
  const outlets = inOrder(outletsFor(ask, world), memory.activeAt);
  const tellings = tellingsOf(kept);
  if (lap > 0) {
    for (const { place } of outlets) add(place, { ask, held, loud: true, acts: true });
    return moment.set(ask.id, { ...inMs(policy.repeatSec), lap: lap + 1 });
  }
  const place = outlets.find(
    (each) => !tellings.some((told) => told.place === each.place && told.outcome !== 'shown'),
  )?.place;
  if (place !== undefined) {
    add(place, { ask, held, loud: false, acts: true });
    return moment.set(ask.id, inMs(policy.seenSec));
  }
  const last = tellings.findLast(({ acts }) => acts);
  // Nobody can be told now: it stays due.
  if (last === undefined) return;
  const dueMs = Math.max(nowMs, last.atMs + policy.repeatSec * 1_000);
  moment.set(ask.id, { lap: 1, dueMs });
  if (dueMs <= nowMs) next(moment, ask, { ...kept, lap: 1, dueMs }, add);
}

/** When the next thing falls due. */
function nextOf(moment: Moment): number | null {
  const { memory, world } = moment;
  const { nowMs, wallMs, policy } = world;
  const quietEnd = quietUntil(policy.quietHours, wallMs);
  const afterQuietMs = quietEnd === null ? [] : [nowMs + quietEnd.getTime() - wallMs];
  const times: number[] = [];
  const add = (dueMs: number | null, isHeld: boolean): void => {
    if (dueMs !== null && dueMs > nowMs) times.push(dueMs);
    else if (dueMs !== null && isHeld) times.push(...afterQuietMs);
  };
  for (const [id, { dueMs, held, goneMs }] of memory.kept) {
    if (moment.open(id) !== null) add(dueMs, held);
    else if (goneMs !== null) add(goneMs + BACK_WITHIN_MS, false);
    else if (!moment.asks.has(id)) add(world.settledMs, false);
  }
  for (const { staleMs } of memory.digests.values()) add(staleMs, true);
  return times.length === 0 ? null : Math.min(...times);
}

import type { Place } from '../../protocol/attention.ts';
import type { Role } from '../../protocol/devices.ts';
import { mayAct, type Ask } from './asks.ts';
import type { Kept, Memory, Telling } from './memory.ts';
import type { Effect } from './moment.ts';
import type { Handed } from './notice.ts';
import { digestId } from './notices.ts';
import { isReached, tellingsOf, type ActivePlace, type World } from './places.ts';

type Asks = ReadonlyMap<string, Ask>;

/** What another host left, taken up: clocks may stand elsewhere now. */
export function takeUp(memory: Memory, world: World): void {
  const { nowMs, policy } = world;
  const latestMs = nowMs + Math.max(policy.seenSec, policy.repeatSec) * 1_000;
  const past = <T extends { readonly atMs: number }>(each: T): T => ({
    ...each,
    atMs: Math.min(each.atMs, nowMs),
  });
  for (const [id, kept] of memory.kept)
    memory.set(id, {
      dueMs: kept.dueMs === null ? null : Math.min(kept.dueMs, latestMs),
      goneMs: kept.goneMs === null ? null : Math.min(kept.goneMs, nowMs),
      told: kept.told.map(past),
    });
  for (const [place, digest] of memory.digests) {
    const staleMs = digest.staleMs === null ? null : Math.min(digest.staleMs, latestMs);
    memory.digests.set(place, { ...past(digest), staleMs });
  }
  // The clock was set back: what ends from here on is new all the same.
  memory.fromMs = Math.min(memory.fromMs, world.wallMs);
}

/**
 * What the courier is to be given again for places that have come, with this host or later: nobody knows
 * how far an earlier host got, and while the tray app is away nothing can be taken back there.
 */
export function resumed(memory: Memory, asks: Asks, places: ReadonlySet<Place>): Effect[] {
  const all = [...unsettled(memory, asks), ...owed(memory)];
  return all.filter(({ place }) => places.has(place));
}

function* unsettled(memory: Memory, asks: Asks): Generator<Effect> {
  for (const [id, { told, seenAt }] of memory.kept) {
    const ask = asks.get(id);
    if (ask === undefined || seenAt !== null) continue;
    for (const { place, round, loud, at, outcome, stands } of told)
      if (stands && outcome === 'pending')
        yield { do: 'show', asks: [ask], isDigest: false, place, round, loud, at, isAgain: true };
  }
  for (const [place, { round, loud, at, outcome, members }] of memory.digests) {
    const unseen = members.filter((id) => memory.kept.get(id)?.seenAt === null);
    const open = unseen.flatMap((id) => asks.get(id) ?? []);
    if (outcome === 'pending' && open.length > 0)
      yield { do: 'show', asks: open, isDigest: true, place, round, loud, at, isAgain: true };
  }
}

function* owed({ owed: all, round }: Memory): Generator<Effect> {
  // What was told anew since is owed no more.
  for (const [place, ids] of all) yield { do: 'withdraw', place, ids, upToRound: round };
}

/** A place has come: what is told no more elsewhere is looked at again, for there nobody knows of it. */
export function comeLate(memory: Memory, nowMs: number): void {
  for (const [id, { dueMs, seenAt, lap }] of memory.kept)
    if (dueMs === null && seenAt === null && lap > 0) memory.set(id, { dueMs: nowMs });
}

/** Who has seen something. */
export interface Seer {
  readonly place: Place;
  readonly role: Role;
}

/** True when that was news. */
export function see(
  memory: Memory,
  asks: Asks,
  ids: Iterable<string>,
  { place, role }: Seer,
  at: string,
): boolean {
  let isNews = false;
  for (const id of ids) {
    const ask = asks.get(id);
    const kept = memory.kept.get(id);
    if (ask === undefined || kept === undefined || kept.seenAt !== null) continue;
    if (mayAct(role, ask)) memory.set(id, { seenAt: at, dueMs: null });
    else if (kept.seenBy.includes(place)) continue;
    else memory.set(id, { seenBy: [...kept.seenBy, place].slice(-MAX_SEERS) });
    isNews = true;
  }
  return isNews;
}

/** As many devices as can be paired. */
const MAX_SEERS = 50;

/** How a telling went. True when that was news. */
export function took(
  memory: Memory,
  { place, id, round, outcome, problem }: Handed,
  world: Pick<World, 'nowMs' | 'policy'>,
): boolean {
  let isNews = false;
  const now = { outcome: outcome === 'handed' ? ('handed' as const) : ('failed' as const) };
  const isIt = (each: Telling) =>
    each.place === place && each.round === round && each.outcome === 'pending';
  const digest = memory.digests.get(place);
  const isDigest = id === digestId(place);
  if (isDigest && digest?.round === round && digest.outcome === 'pending') {
    memory.digests.set(place, { ...digest, ...now });
    isNews = true;
  }
  for (const [key, kept] of memory.kept) {
    if ((!isDigest && key !== id) || !kept.told.some(isIt)) continue;
    const change = { ...now, ...(problem !== null && { problem: problem.slice(0, 400) }) };
    const told = kept.told.map((each) => (isIt(each) ? { ...each, ...change } : each));
    memory.set(key, { told });
    if (outcome === 'given up') goOn(memory, key, { ...kept, told }, world);
    isNews = true;
  }
  return isNews;
}

/** Where nobody can have got it, the next place is not waited for. */
function goOn(
  memory: Memory,
  id: string,
  kept: Kept,
  { nowMs, policy }: Pick<World, 'nowMs' | 'policy'>,
): void {
  if (kept.seenAt !== null) return;
  const isHoped = tellingsOf(kept).some(({ acts, outcome }) => acts && outcome !== 'failed');
  if (kept.lap === 0 && !isHoped) memory.set(id, { dueMs: nowMs });
  else if (kept.dueMs === null && !isReached(kept))
    memory.set(id, { dueMs: nowMs + policy.repeatSec * 1_000 });
}

/** A person went away from where something was shown: it is told elsewhere now. True when there is. */
export function left(memory: Memory, active: readonly ActivePlace[], nowMs: number): boolean {
  let isNews = false;
  for (const [id, kept] of memory.kept) {
    const acting = tellingsOf(kept).filter(({ acts }) => acts);
    const isOnlyShown = acting.length > 0 && acting.every(({ outcome }) => outcome === 'shown');
    const isStill = acting.some((each) => active.some(({ place }) => place === each.place));
    if (!isOnlyShown || isStill || kept.seenAt !== null || kept.lap > 0) continue;
    if (kept.dueMs !== null && kept.dueMs > nowMs) {
      memory.set(id, { dueMs: nowMs });
      isNews = true;
    }
  }
  return isNews;
}

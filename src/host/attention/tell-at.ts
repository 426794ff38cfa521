import type { Place } from '../../protocol/attention.ts';
import { mayAct, type Ask } from './asks.ts';
import type { Moment } from './moment.ts';
import { byNeed, digestId } from './notices.ts';
import { isQuietFor } from './places.ts';

/** What is to be told at one place now. */
export interface Due {
  readonly ask: Ask;
  readonly loud: boolean;
  /** Somebody there may act on it. */
  readonly acts: boolean;
  /** Quiet hours kept it back. */
  readonly held: boolean;
}

/** Tells it one by one, or as one where it is much at once. */
export function tellAt(moment: Moment, place: Place, due: readonly Due[]): void {
  const { memory, world } = moment;
  const digest = memory.digests.get(place);
  const members = (digest?.members ?? []).filter((id) => moment.openAt(id, place) !== null);
  const joins = ({ ask }: Due) =>
    members.includes(ask.id) || memory.kept.get(ask.id)?.joins === place;
  const isGoingOn = members.length > 0 && due.some(joins);
  const windowMs = world.policy.digestSec * 1_000;
  const isLoud = due.some(({ loud }) => loud);
  if (digest !== undefined && members.length > 0 && !isGoingOn && !isLoud) {
    const againMs = digest.atMs + windowMs;
    // It is told with what else comes in this time.
    if (world.nowMs < againMs && due.every(({ acts }) => acts)) {
      for (const { ask } of due) moment.set(ask.id, { joins: place, dueMs: againMs });
      return;
    }
  }
  const recent = recentAt(moment, place, windowMs, due);
  const heldCount = due.filter(({ held }) => held).length;
  const from = heldCount >= 2 ? 2 : world.policy.digestFrom;
  const all = new Set([...members, ...recent, ...due.map(({ ask }) => ask.id)]);
  const isMuch = due.length + recent.length >= from;
  if (all.size >= 2 && (isGoingOn || isMuch)) {
    const round = tellDigest(moment, place, [...all], isLoud);
    for (const { ask, loud, acts } of due)
      moment.told(ask.id, {
        ...{ place, round, loud, acts },
        ...{ outcome: 'pending', stands: false, digest: true },
      });
    return;
  }
  for (const { ask, loud, acts } of due) tellOne(moment, place, ask, { loud, acts });
}

/** Told there alone a moment ago. */
function recentAt(
  moment: Moment,
  place: Place,
  windowMs: number,
  due: readonly Due[],
): readonly string[] {
  const sinceMs = moment.world.nowMs - windowMs;
  return [...moment.memory.kept].flatMap(([id, { told }]) =>
    told.some((each) => each.place === place && each.stands && each.atMs > sinceMs) &&
    moment.openAt(id, place) !== null &&
    !due.some(({ ask }) => ask.id === id)
      ? [id]
      : [],
  );
}

/** One notification for all of them; those of their own go. */
function tellDigest(moment: Moment, place: Place, ids: readonly string[], loud: boolean): number {
  const { memory, world } = moment;
  const asks = ids.flatMap((id) => moment.asks.get(id) ?? []).toSorted(byNeed);
  const round = moment.nextRound();
  memory.digests.set(place, {
    ...{ round, at: world.at, atMs: world.nowMs, members: asks.map(({ id }) => id), loud },
    ...{ outcome: 'pending', staleMs: null },
  });
  moment.show({ place, asks, round, loud, isDigest: true }, digestId(place));
  const alone = ids.filter((id) =>
    memory.kept.get(id)?.told.some((each) => each.place === place && each.stands),
  );
  for (const id of alone) moment.fold(id, place);
  moment.withdraw(place, alone);
  return round;
}

function tellOne(
  moment: Moment,
  place: Place,
  ask: Ask,
  { loud, acts }: Pick<Due, 'loud' | 'acts'>,
): void {
  const { digests } = moment.memory;
  const digest = digests.get(place);
  if (digest?.members.includes(ask.id) === true)
    digests.set(place, { ...digest, members: digest.members.filter((id) => id !== ask.id) });
  const round = moment.nextRound();
  moment.show({ place, asks: [ask], round, loud, isDigest: false }, ask.id);
  moment.told(ask.id, {
    ...{ place, round, loud, acts },
    ...{ outcome: 'pending', stands: true, digest: false },
  });
}

/** Digests say how many still ask: none is left of one that nothing asks behind. */
export function lookAtDigests(moment: Moment): void {
  const { memory, world } = moment;
  for (const [place, digest] of memory.digests) {
    const open = digest.members.flatMap((id) => moment.openAt(id, place) ?? []);
    if (open.length === 0) {
      memory.digests.delete(place);
      moment.withdraw(place, [digestId(place)]);
    } else if (open.length < digest.members.length) {
      const outlet = world.outlets.find((each) => each.place === place);
      // There it cannot be told now.
      if (outlet === undefined) continue;
      if (digest.staleMs === null) {
        // A person who decides one after the other is not disturbed each time.
        const staleMs = world.nowMs + world.policy.digestSec * 1_000;
        memory.digests.set(place, { ...digest, staleMs });
        moment.isChanged = true;
      } else if (digest.staleMs <= world.nowMs && !open.every((ask) => isQuietFor(ask, world))) {
        const [only] = open;
        const members = open.map(({ id }) => id);
        if (open.length > 1 || only === undefined) tellDigest(moment, place, members, false);
        else {
          tellOne(moment, place, only, { loud: false, acts: mayAct(outlet.role, only) });
          memory.digests.delete(place);
          moment.withdraw(place, [digestId(place)]);
        }
      }
    }
  }
}

import type { NotifyPlace, NotifyPolicy, Place } from '../../protocol/attention.ts';
import type { Role } from '../../protocol/devices.ts';
import { isQuiet } from '../clock/quiet-hours.ts';
import { mayAct, mayBeTold, type Ask } from './asks.ts';
import type { Kept, Telling } from './memory.ts';
import type { Outlet } from './notice.ts';

/** Where a person is active now. */
export interface ActivePlace {
  readonly place: Place;
  readonly role: Role;
}

/** All that decides besides what asks and what was told. */
export interface World {
  /** By the steady clock. */
  readonly nowMs: number;
  /** By the clock on the wall. */
  readonly wallMs: number;
  readonly at: string;
  readonly policy: NotifyPolicy;
  readonly active: readonly ActivePlace[];
  readonly outlets: readonly Outlet[];
  /** By the steady clock: from then on a host that was just started knows of all its problems. */
  readonly settledMs: number;
}

const KINDS: readonly NotifyPlace['kind'][] = ['push', 'desktop', 'ntfy', 'webhook'];

/** Devices by who was active last, then the others. */
export function inOrder(
  outlets: readonly Outlet[],
  activeAt: ReadonlyMap<string, number>,
): readonly Outlet[] {
  const at = ({ place, activeAtMs }: Outlet) => Math.max(activeAtMs ?? 0, activeAt.get(place) ?? 0);
  return outlets.toSorted((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || at(b) - at(a));
}

function isFor({ place, kinds, role }: Outlet, ask: Ask, { policy }: World): boolean {
  if (place === 'desktop' && !policy.desktop) return false;
  return (kinds === null || kinds.has(ask.kind)) && mayBeTold(role, ask);
}

/** Places whose person may act on it. */
export function outletsFor(ask: Ask, world: World): Outlet[] {
  return world.outlets.filter((outlet) => isFor(outlet, ask, world) && mayAct(outlet.role, ask));
}

/** Those of them that nothing of it has arrived at, nor is on its way to. */
export function unreachedAt(ask: Ask, kept: Kept, world: World): Outlet[] {
  const isReachedAt = (at: Place) =>
    tellingsOf(kept).some(({ place, outcome }) => place === at && outcome !== 'failed');
  return outletsFor(ask, world).filter(({ place }) => !isReachedAt(place));
}

/** Places whose person may only know of it, and has neither been told nor seen it. */
export function watchersFor(ask: Ask, kept: Kept, world: World): Outlet[] {
  const isTold = ({ place }: Outlet) =>
    kept.seenBy.includes(place) ||
    tellingsOf(kept).some((each) => each.place === place) ||
    world.active.some((each) => each.place === place);
  return world.outlets.filter(
    (outlet) => isFor(outlet, ask, world) && !mayAct(outlet.role, ask) && !isTold(outlet),
  );
}

/** Surfaces with somebody active who may act on it, and who was not shown it there yet. */
export function newlyActive(ask: Ask, kept: Kept, { active }: World): readonly ActivePlace[] {
  const shown = tellingsOf(kept).filter(({ outcome }) => outcome === 'shown');
  return active.filter(
    ({ place, role }) => mayAct(role, ask) && !shown.some((each) => each.place === place),
  );
}

/** Since it began, or began anew. */
export function tellingsOf({ told, fromRound }: Kept): Telling[] {
  return told.filter(({ round }) => round > fromRound);
}

/** Somebody who may act on it was shown it, or has a notification. */
export function isReached(kept: Kept): boolean {
  return tellingsOf(kept).some(
    ({ acts, outcome }) => acts && (outcome === 'shown' || outcome === 'handed'),
  );
}

export function isQuietFor({ kind }: Ask, { policy, wallMs }: World): boolean {
  return isQuiet(policy.quietHours, wallMs) && !policy.quietExcept.includes(kind);
}

import type { Role } from '../../protocol/devices.ts';
import type { HolderEffect, HolderWant } from '../../protocol/holder.ts';
import type { PowerPolicy, PowerReasonCode } from '../../protocol/power.ts';
import type { Approval } from '../../protocol/approval/approval.ts';
import { ROLES } from '../../protocol/devices.ts';
import { isInDoubt, lostFor, type Guards } from './guards.ts';

/** An effect that was read back longer ago says nothing any more. */
const READ_WITHIN_MS = 90_000;
const REACHED_WITHIN_MS = 60_000;

export interface LightNeeds {
  readonly want: HolderWant;
  readonly hasHolds: boolean;
  readonly heldBack: readonly PowerReasonCode[];
  readonly policy: PowerPolicy;
  readonly guards: Guards;
  readonly steadyMs: number;
  /** What the system said after it was told the present want; null: nothing yet. */
  readonly read: {
    readonly atMs: number;
    readonly idle: HolderEffect;
    readonly lid: HolderEffect;
  } | null;
  readonly isHolderAway: boolean;
  readonly reach: DeviceReach;
  readonly withoutRelay: boolean;
  /** Of all sessions, open now. */
  readonly approvals: readonly Pick<Approval, 'decider'>[];
}

/** What is known of the way from paired devices to this host. */
export interface DeviceReach {
  readonly devices: readonly { readonly role: Role; readonly hasPasskey: boolean }[];
  /** How long ago every relay that they use was last heard of; null: one of them cannot be reached. */
  readonly reachedAgoMs: number | null;
}

/** Why the lid may not be closed; empty: it may. Pure. What is not known is a no. */
export function whyNotSafe(needs: LightNeeds): PowerReasonCode[] {
  const { want, hasHolds, heldBack, policy } = needs;
  if (!hasHolds) return ['noWork'];
  if (heldBack.length > 0) return [...heldBack];
  if (!want.lid) return [policy.keepAwake === 'off' ? 'off' : 'lidNotWanted'];
  return [...effectReasons(needs), ...machineReasons(needs), ...peopleReasons(needs)];
}

function effectReasons({ read, isHolderAway, steadyMs }: LightNeeds): PowerReasonCode[] {
  if (isHolderAway) return ['holderAway'];
  if (read === null || steadyMs - read.atMs > READ_WITHIN_MS) return ['notChecked'];
  const { idle, lid } = read;
  if (idle.effective === false || lid.effective === false) return ['notInEffect'];
  return lid.effective === null || idle.effective === null ? ['notChecked'] : [];
}

function machineReasons({ policy, guards, steadyMs }: LightNeeds): PowerReasonCode[] {
  const looksAtBattery = policy.mainsOnly || policy.batteryFloor > 0;
  // Who has a lid has a battery, or had one: when it cannot be read, nobody knows how long it lasts.
  const isBatteryUnknown =
    looksAtBattery &&
    (lostFor(guards.batteryLostMs, steadyMs) !== 'no' ||
      (guards.battery === null && guards.lidClosed !== null));
  const isHeatUnknown = lostFor(guards.heatLostMs, steadyMs) !== 'no';
  return [
    ...(isBatteryUnknown || isHeatUnknown ? ['batteryUnknown' as const] : []),
    ...(isInDoubt(guards) ? doubts(guards) : []),
  ];
}

function doubts({ low, hot }: Guards): PowerReasonCode[] {
  return [
    ...(low.doubtedSinceMs === null ? [] : ['batteryLow' as const]),
    ...(hot.doubtedSinceMs === null ? [] : ['tooHot' as const]),
  ];
}

function peopleReasons({ reach, withoutRelay, approvals }: LightNeeds): PowerReasonCode[] {
  const { devices, reachedAgoMs } = reach;
  const isReached =
    devices.length === 0 ||
    withoutRelay ||
    (reachedAgoMs !== null && reachedAgoMs >= 0 && reachedAgoMs <= REACHED_WITHIN_MS);
  const mayDecide = ({ decider }: Pick<Approval, 'decider'>): boolean =>
    devices.some(
      ({ role, hasPasskey }) =>
        ROLES.indexOf(role) >= ROLES.indexOf(decider?.role ?? 'approver') &&
        (hasPasskey || decider?.fresh !== true),
    );
  return [
    ...(isReached ? [] : ['relayAway' as const]),
    ...(approvals.every(mayDecide) ? [] : ['needsThisMachine' as const]),
  ];
}

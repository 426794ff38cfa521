import type { LidReport, PowerState } from '../../../src/protocol/power.ts';

export interface AlarmingLid {
  readonly closedAt: string;
  /** Why the light is off; null: the host gave no reason. */
  readonly why: string | null;
}

/**
 * The lid is closed, the light was off when it was and is off still, and there is work that this may end;
 * null: there is nothing to lose, or the person has said that nothing is to be held.
 */
export function alarmingLid(
  report: Pick<LidReport, 'closedAt' | 'openedAt' | 'wasSafe'> | null,
  power: PowerState | null,
): AlarmingLid | null {
  if (report === null || report.openedAt !== null || report.wasSafe) return null;
  if (power === null || power.safeToCloseLid) return null;
  if (power.policy.keepAwake === 'off' || power.holds.length === 0) return null;
  // With a display of its own beside the lid's, and power for it, systems go on when the lid is closed.
  if (power.externalDisplay === true && power.battery?.onMains !== false) return null;
  const [reason] = power.heldBack.length > 0 ? power.heldBack : power.reasons;
  return { closedAt: report.closedAt, why: reason?.text ?? null };
}

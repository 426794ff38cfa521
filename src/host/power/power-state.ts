import type { HolderEffects } from '../../protocol/holder.ts';
import type { Heat, PowerPolicy, PowerReason, PowerState } from '../../protocol/power.ts';
import { lostFor, type Guards } from './guards.ts';
import type { LiveHold } from './holds.ts';
import { reason } from './reasons.ts';
import type { PowerReasonCode } from '../../protocol/power.ts';
import type { Verdict } from './verdict.ts';

export interface StateParts {
  readonly policy: PowerPolicy;
  readonly guards: Guards;
  readonly holds: readonly LiveHold[];
  readonly verdict: Verdict;
  /** Read back after the present want was told; null: not yet. */
  readonly effects: HolderEffects | null;
  /** Why the holder cannot be reached. */
  readonly problem: string | null;
  readonly notSafe: readonly PowerReasonCode[];
  readonly sleepWhenDone: boolean;
  readonly sleepsAt: string | null;
  readonly steadyMs: number;
}

/** All that surfaces show. Pure. */
export function powerStateOf(parts: StateParts): PowerState {
  const { policy, guards, holds, verdict, effects, steadyMs, notSafe } = parts;
  const { want, heldBack } = verdict;
  const isBatteryKnown = lostFor(guards.batteryLostMs, steadyMs) === 'no';
  const isHeatKnown = lostFor(guards.heatLostMs, steadyMs) === 'no';
  return {
    policy,
    holds: holds.map(({ hold, sinceMs }) => ({
      ...hold,
      ageSec: Math.max(0, Math.floor((steadyMs - sinceMs) / 1_000)),
    })),
    heldBack: heldBack.map((code) => reason(code, parts)),
    idle: {
      wanted: want.idle,
      effective: effects?.idle.effective ?? null,
      reason: effects?.idle.reason ?? (want.idle ? parts.problem : null),
    },
    lid: {
      wanted: want.lid,
      effective: effects?.lid.effective ?? null,
      reason: effects?.lid.reason ?? (want.lid ? parts.problem : null),
      fix: effects?.lid.fix ?? null,
      setUp: effects?.lid.setUp ?? null,
    },
    battery: isBatteryKnown ? guards.battery && rounded(guards.battery) : null,
    heat: isHeatKnown ? guards.heat && roundedHeat(guards.heat) : null,
    lidClosed: guards.lidClosed,
    ...(guards.hasExternalDisplay && { externalDisplay: true }),
    safeToCloseLid: notSafe.length === 0,
    reasons: notSafe.map((code) => exact(code, parts)),
    sleepWhenDone: parts.sleepWhenDone,
    sleepsAt: parts.sleepsAt,
  };
}

/** The platform's own words, where it has said why. */
function exact(code: PowerReasonCode, parts: StateParts): PowerReason {
  const general = reason(code, parts);
  const { effects, problem } = parts;
  if (code === 'holderAway' && problem !== null) return { ...general, text: problem };
  if (code !== 'notInEffect' || effects === null) return general;
  const broken = effects.lid.effective === false ? effects.lid : effects.idle;
  return {
    code,
    text: broken.reason ?? general.text,
    ...(broken.fix !== null && { fix: broken.fix }),
  };
}

/** A sensor's jitter is nothing to tell every surface of. */
function rounded(battery: NonNullable<Guards['battery']>): NonNullable<Guards['battery']> {
  return { ...battery, percent: Math.round(battery.percent) };
}

function roundedHeat({ celsius, level }: Heat): Heat {
  return { celsius: celsius === null ? null : Math.round(celsius), level };
}

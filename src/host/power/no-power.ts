import { Emitter } from '../../base/emitter.ts';
import type { HolderNotice } from '../../protocol/holder.ts';
import { DEFAULT_POWER_POLICY, type PowerState } from '../../protocol/power.ts';
import type { MachineNeeds } from './compose-machine.ts';

const UNKNOWN: PowerState = {
  policy: DEFAULT_POWER_POLICY,
  ...{ holds: [], heldBack: [], reasons: [] },
  idle: { wanted: false, effective: null, reason: null },
  lid: { wanted: false, effective: null, reason: null, fix: null, setUp: null },
  ...{ battery: null, heat: null, lidClosed: null },
  ...{ safeToCloseLid: false, sleepWhenDone: false, sleepsAt: null },
};

/** Until the host has a holder: nothing is known, and nobody tells of a sleep but the clocks. */
export function noPower(): MachineNeeds['power'] {
  return {
    state: () => UNKNOWN,
    changed: new Emitter<PowerState>(),
    holder: { notices: new Emitter<HolderNotice>(), readyToSleep: async () => {} },
    lookAnew: async () => {},
  };
}

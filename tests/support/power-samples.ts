import { sessionIdSchema } from '../../src/protocol/ids.ts';
import { DEFAULT_POWER_POLICY, type Hold, type PowerState } from '../../src/protocol/power.ts';

/** An open laptop on battery that nothing holds awake. */
export function powerSample(change: Partial<PowerState>): PowerState {
  return {
    policy: DEFAULT_POWER_POLICY,
    holds: [],
    heldBack: [],
    idle: { wanted: false, effective: false, reason: null },
    lid: { wanted: false, effective: false, reason: null, fix: null, setUp: null },
    battery: { percent: 64, onMains: false },
    heat: { celsius: 48, level: null },
    lidClosed: false,
    safeToCloseLid: false,
    reasons: [{ code: 'noWork', text: 'Nothing runs: the machine may sleep.' }],
    sleepWhenDone: false,
    sleepsAt: null,
    ...change,
  };
}

export function sessionHold(n: number, kind: Hold['kind'] = 'working'): Hold {
  return {
    id: `${kind}-${n}`,
    kind,
    reason: `Session ${n}`,
    sessionId: sessionIdSchema.parse(`s_${String(n).padStart(12, '0')}`),
    since: '2026-11-21T08:00:00.000Z',
    ageSec: 60,
    until: null,
    lid: false,
  };
}

export function userHold(change: Partial<Hold> = {}): Hold {
  return {
    id: 'u_1',
    kind: 'user',
    reason: 'Held by hand',
    by: 'window',
    since: '2026-11-21T08:00:00.000Z',
    ageSec: 60,
    until: null,
    lid: false,
    ...change,
  };
}

import type { SessionId } from '../../../src/protocol/ids.ts';
import {
  DEFAULT_POWER_POLICY,
  type Hold,
  type LidReport,
  type PowerState,
} from '../../../src/protocol/power.ts';
import type { FakeHost } from '../../fakes/fake-host.ts';

export const LONG_TITLE = `Sort ${'the-very-long-name-of-a-folder/'.repeat(6)} and \u202ebackwards`;

function hold(host: FakeHost, change: Partial<Hold>): Hold {
  return {
    id: `h_${host.newId('a')}`,
    kind: 'working',
    reason: 'A slug for every title',
    since: new Date(Date.now() - 8 * 60_000).toISOString(),
    ageSec: 8 * 60,
    until: null,
    lid: false,
    ...change,
  };
}

/** Two sessions at work under the light, and a person's own hold. */
export function awake(host: FakeHost, sessions: readonly SessionId[]): void {
  const [first, second] = sessions;
  set(host, {
    policy: { ...DEFAULT_POWER_POLICY, keepAwake: 'lid' },
    holds: [
      hold(host, { sessionId: first }),
      hold(host, { kind: 'waiting', sessionId: second, reason: LONG_TITLE, ageSec: 26 * 3_600 }),
      hold(host, {
        kind: 'user',
        reason: 'Held by hand',
        by: 'device:Ada’s phone\u202e',
        ageSec: 12,
        until: new Date(Date.now() + 2 * 3_600_000).toISOString(),
        lid: true,
      }),
    ],
    idle: { wanted: true, effective: true, reason: null },
    lid: { wanted: true, effective: true, reason: null, fix: null, setUp: 'done' },
    safeToCloseLid: true,
    reasons: [],
  });
}

/** The same, but the light is off, with every kind of reason and fix. */
export function awakeWithoutLight(host: FakeHost): void {
  const reason = 'KDE’s power management acts on the lid itself.';
  set(host, {
    idle: {
      wanted: true,
      effective: true,
      reason: 'Only while somebody is signed in at this machine.',
    },
    lid: {
      wanted: true,
      effective: false,
      reason,
      fix: 'Let Porchlight change its lid setting while work needs it.',
      setUp: 'needed',
    },
    heat: { celsius: 84.6, level: 'fair' },
    safeToCloseLid: false,
    reasons: [
      { code: 'notInEffect', text: reason, fix: 'Set it up once, below.' },
      {
        code: 'relayAway',
        text: 'The relay at wss://relay.example does not answer since 8:04.',
        fix: 'Look at “porchlight doctor”.',
      },
    ],
  });
}

/** Work that does not count now. */
export function heldBack(host: FakeHost): void {
  set(host, {
    idle: { wanted: false, effective: false, reason: null },
    lid: { wanted: false, effective: false, reason: null, fix: null, setUp: null },
    battery: { percent: 19, onMains: false },
    heldBack: [
      {
        code: 'batteryLow',
        text: 'The battery is at 19 %, at or below the floor of 20 %.',
        fix: 'Plug it in.',
      },
    ],
    safeToCloseLid: false,
    reasons: [{ code: 'batteryLow', text: 'The battery is at 19 %.', fix: 'Plug it in.' }],
  });
}

export function lidReport(sessions: readonly SessionId[]): LidReport {
  const [first, second] = sessions;
  const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
  if (first === undefined || second === undefined) throw new Error('It takes two sessions.');
  return {
    closedAt: ago(100),
    openedAt: ago(5),
    wasSafe: true,
    sessions: [
      { sessionId: first, title: 'A slug for every title', workedMs: 62 * 60_000 },
      { sessionId: second, title: LONG_TITLE, workedMs: 9 * 60_000 },
    ],
    battery: { from: 64, to: 51 },
    hottest: { celsius: 71.4, at: ago(60) },
    slept: [{ from: ago(40), to: ago(12), why: 'The battery was at 19 %.' }],
  };
}

/** Sleep in the middle of work, as the session's history has it. */
export function slept(host: FakeHost, sessions: readonly SessionId[]): void {
  const [first] = sessions;
  if (first === undefined) throw new Error('It takes a session.');
  host.append(first, {
    type: 'machine.sleeping',
    why: 'The lid was closed while the light was off.',
  });
  host.append(first, {
    type: 'machine.woke',
    sleptFrom: new Date(Date.now() - 40 * 60_000).toISOString(),
    why: 'The lid was closed while the light was off.',
  });
}

/** Changes what the host says of its machine, and tells who looks on. */
export function set(host: FakeHost, change: Partial<PowerState>): void {
  host.power.state = { ...host.power.state, ...change };
  host.tell('power.changed', { power: host.power.state });
}

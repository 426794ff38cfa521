import { describe, expect, test } from 'vitest';
import { sessionIdSchema } from '../../../../../src/protocol/ids.ts';
import type { AgentPulse, Pulse, Reach } from '../../../../../src/protocol/reach.ts';
import { deviceIdSchema } from '../../../../../src/protocol/relay.ts';
import {
  isStuck,
  notablePulse,
  pulseWords,
} from '../../../../../renderer/features/reach/pulse-words.ts';
import {
  agentLeg,
  deviceLeg,
  noteLeg,
  relayLeg,
  serviceLeg,
  tookWords,
} from '../../../../../renderer/features/reach/reach-words.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const ago = (ms: number): string => new Date(NOW - ms).toISOString();
const MIN = 60_000;
const SESSION = sessionIdSchema.parse('s_000000000001');

const pulse = (name: Pulse, sinceMs: number): AgentPulse => ({
  sessionId: SESSION,
  pulse: name,
  since: ago(sinceMs),
  heardAt: ago(2 * MIN),
  because: 'It answers.',
});

const REACH: Reach = {
  at: ago(0),
  relay: {
    url: 'wss://relay.example',
    own: true,
    ok: true,
    ms: 12.4,
    heardAgoSec: 3,
    problem: null,
  },
  devices: [],
  sessions: [],
  service: { installed: true, kind: 'systemd' },
  note: { state: 'idle', why: null, devices: 0, renewedAt: null },
};

describe('what an agent is doing, in words', () => {
  test('with how long it is so, by whole minutes that are over', () => {
    expect([
      pulseWords(pulse('silent', 59_999), NOW),
      pulseWords(pulse('silent', MIN), NOW),
      pulseWords(pulse('waitsForModel', 5 * MIN - 1), NOW),
      pulseWords(pulse('hangs', 125 * MIN), NOW),
      pulseWords(pulse('gone', 125 * MIN), NOW),
      // The host's clock is ahead of ours.
      pulseWords(pulse('hangs', -5 * MIN), NOW),
    ]).toEqual([
      'Silent',
      'Silent for 1 min',
      'Waits for its model for 4 min',
      'Does not answer for 2 h 5 min',
      'Not running',
      'Does not answer',
    ]);
  });

  test('only what says more than "working" is worth a word, and only two of those a way out', () => {
    const all: readonly Pulse[] = [
      'idle',
      'working',
      'runsTool',
      'waitsForYou',
      'waitsForModel',
      'silent',
      'hangs',
      'gone',
    ];
    const notable = all.filter((name) => notablePulse([pulse(name, 0)], SESSION) !== null);
    expect([notable, notable.filter((name) => isStuck({ pulse: name }))]).toEqual([
      ['waitsForModel', 'silent', 'hangs'],
      ['silent', 'hangs'],
    ]);
    expect(notablePulse([pulse('hangs', 0)], 's_000000000002')).toBeNull();
  });
});

describe('each leg of the way, by itself', () => {
  test.each<[string, Partial<Reach['relay']>, string, string]>([
    ['answers', {}, 'ok', 'answers in 12 ms, heard 3 s ago'],
    ['is heard, but not asked', { ms: null, heardAgoSec: 200 }, 'ok', 'answers, heard 3 min ago'],
    [
      'is away',
      { ok: false, ms: null, heardAgoSec: 7_500 },
      'wrong',
      'does not answer, heard 2 h 5 min ago',
    ],
    [
      'is not there',
      { url: null, ok: false, ms: null, heardAgoSec: null },
      'unknown',
      'none is set up: this machine is all there is',
    ],
  ])('a relay that %s', (_, given, tone, words) => {
    const { relay } = REACH;
    expect(relayLeg({ ...REACH, relay: { ...relay, ...given } })).toEqual({
      id: 'relay',
      name: 'Relay (yours)',
      tone,
      words,
      detail: null,
    });
  });

  const device: Reach['devices'][number] = {
    id: deviceIdSchema.parse('A'.repeat(22)),
    name: 'Pixel 9',
    role: 'approver',
    online: true,
    ms: 80,
    lastSeenAt: ago(4 * MIN),
    push: 'on',
  };
  test.each<[Partial<typeof device>, string, string]>([
    [{}, 'ok', 'online, answers in 80 ms, push works'],
    [
      { ms: null },
      'unknown',
      'online, but its page does not answer (asleep in a pocket, most likely), push works',
    ],
    [{ online: false, ms: null }, 'unknown', 'away, last seen 4 min ago, push works'],
    [
      { online: false, ms: null, lastSeenAt: null, push: 'failing' },
      'wrong',
      'never seen, push fails',
    ],
  ])('a device: %o', (given, tone, words) => {
    expect(deviceLeg({ ...device, ...given }, NOW)).toMatchObject({ tone, words });
  });

  test('an agent says what it is told by', () => {
    const { sessionId: _, ...told } = pulse('hangs', 3 * MIN);
    const session = { id: SESSION, agent: 'demo', title: '', state: 'working' as const, ms: null };
    expect(agentLeg({ ...session, pulse: told }, NOW)).toEqual({
      id: SESSION,
      name: 'demo',
      tone: 'wrong',
      words: 'Does not answer for 3 min, heard 2 min ago',
      detail: 'It answers.',
    });
  });

  test('service and note', () => {
    const service = (installed: boolean, kind: string | null): string =>
      serviceLeg({ ...REACH, service: { installed, kind } }).words;
    const left = { state: 'left' as const, why: null, devices: 1, renewedAt: ago(40_000) };
    const unavailable = { state: 'unavailable' as const, why: 'The relay is on this machine.' };
    expect([
      service(true, 'systemd'),
      service(false, 'launchd'),
      service(false, null),
      noteLeg({ note: left }, NOW).words,
      noteLeg({ note: { ...REACH.note, ...unavailable } }, NOW).detail,
    ]).toEqual([
      'on (systemd): host and sessions come back after a crash or a restart',
      'not installed: after a restart of the machine nothing runs until you start it',
      'there is none for this system',
      'left with the relay for 1 device: it tells them should this machine fall silent, renewed 40 s ago',
      'The relay is on this machine.',
    ]);
  });

  test('times are told in the unit that fits', () => {
    expect([0.4, 999, 1_234].map(tookWords)).toEqual(['0 ms', '999 ms', '1.2 s']);
  });
});

import { describe, expect, test } from 'vitest';
import { DEFAULT_POWER_POLICY, type PowerState } from '../../../../../src/protocol/power.ts';
import type { LinkWords } from '../../../../../renderer/phone/shell/link-words.ts';
import {
  machineWords,
  type MachineGiven,
} from '../../../../../renderer/phone/shell/machine-words.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const FACTS: MachineGiven['facts'] = {
  network: true,
  relay: { up: true, sinceMs: NOW - 60_000, rttMs: 40 },
  host: { here: true, sinceMs: NOW - 60_000, asleepSinceMs: null, asleepSaidBy: null },
  heardAtMs: NOW - 5_000,
  checked: { atMs: NOW - 12_000, tookMs: 80 },
};
const LIT: PowerState = {
  policy: { ...DEFAULT_POWER_POLICY, keepAwake: 'lid' },
  holds: [
    {
      id: 'u_1',
      kind: 'user',
      reason: 'A download',
      since: '2026-11-21T11:00:00.000Z',
      ageSec: 3_600,
      until: null,
      lid: true,
    },
  ],
  heldBack: [],
  idle: { wanted: true, effective: true, reason: null },
  lid: { wanted: true, effective: true, reason: null, fix: null, setUp: null },
  battery: { percent: 64, onMains: true },
  heat: null,
  lidClosed: false,
  safeToCloseLid: true,
  reasons: [],
  sleepWhenDone: false,
  sleepsAt: null,
};

const said = (link: LinkWords['kind'], given: Partial<MachineGiven> = {}) =>
  machineWords({ power: LIT, link, facts: FACTS, cachedAtMs: null, nowMs: NOW, ...given });

describe('the machine in one line', () => {
  test('names the light, the battery, the relay and when the host itself answered', () => {
    expect(said('live')).toEqual({
      tone: 'safe',
      words: 'Awake by hand, lid may be closed, 64 %, relay 40 ms, checked 12 s ago',
    });
  });

  test('shows no light that was not told within a minute: it says what was, and when', () => {
    expect(
      (['quiet', 'trying', 'asleep', 'broken'] as const).map((link) => said(link).tone),
    ).toEqual(['last', 'last', 'last', 'last']);
    expect(said('broken')).toEqual({
      tone: 'last',
      words: 'As it was 5 s ago: Awake by hand, lid may be closed, 64 %',
    });
    expect(said('asleep', { cachedAtMs: NOW - 240_000 }).words).toMatch(/^As it was 4 min ago: /);
  });

  test('says of an older host, and of one that was never heard, what there is to say', () => {
    expect(said('live', { power: null })).toEqual({
      tone: 'quiet',
      words: 'Awake, relay 40 ms, checked 12 s ago',
    });
    expect(said('trying', { power: null }).words).toBe('What holds it awake is not known here.');
    const facts = { ...FACTS, checked: null, relay: { ...FACTS.relay, rttMs: null } };
    expect(said('live', { power: null, facts }).words).toBe('Awake');
  });
});

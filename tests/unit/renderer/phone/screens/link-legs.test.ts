import { describe, expect, test } from 'vitest';
import { linkLegs, reviveWords } from '../../../../../renderer/phone/screens/link-legs.ts';
import { clockOf } from '../../../../../renderer/ui/time.ts';
import type { LinkFacts } from '../../../../../src/connection/device/link-facts.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const SINCE = clockOf(new Date(NOW - 600_000).toISOString(), NOW);
const FINE: LinkFacts = {
  network: true,
  relay: { up: true, sinceMs: NOW - 600_000, rttMs: 40 },
  host: { here: true, sinceMs: NOW - 600_000, asleepSinceMs: null, asleepSaidBy: null },
  heardAtMs: NOW - 12_000,
  checked: { atMs: NOW - 12_000, tookMs: 83 },
};

const legs = (facts: Partial<LinkFacts> = {}) =>
  linkLegs({ ...FINE, ...facts }, 'Workbench', NOW).map(({ name, tone, words, detail }) =>
    [name, tone, words, ...(detail === null ? [] : [detail])].join(' | '),
  );

describe('the legs that a phone measures itself', () => {
  test('have an age each', () => {
    expect(legs()).toEqual([
      'This phone | ok | has a network, as far as it knows',
      `Relay | ok | answers in 40 ms, connected since ${SINCE}`,
      'Workbench | ok | answered in 83 ms, 12 s ago',
    ]);
  });

  test('are not called good because of another', () => {
    const host = { ...FINE.host, here: false };
    expect(legs({ host })).toEqual([
      'This phone | ok | has a network, as far as it knows',
      `Relay | ok | answers in 40 ms, connected since ${SINCE} | The relay says that the computer is not there.`,
      'Workbench | wrong | answered in 83 ms, 12 s ago',
    ]);
    expect(legs({ heardAtMs: NOW - 240_000, checked: null })[2]).toBe(
      'Workbench | unknown | heard 4 min ago',
    );
    expect(legs({ relay: { up: false, sinceMs: NOW - 600_000, rttMs: null } }).slice(1)).toEqual([
      `Relay | wrong | not connected since ${SINCE}`,
      'Workbench | unknown | answered in 83 ms, 12 s ago',
    ]);
    expect(legs({ heardAtMs: null, checked: null })[2]).toBe('Workbench | unknown | not heard yet');
  });
});

test('what brings a host back is said as far as it is known, and what a phone cannot do always', () => {
  const service = { installed: true, kind: 'systemd' };
  const cannot = 'From here it cannot be woken, switched on or started.';
  const crash = 'After a crash it comes back by itself, within seconds.';
  expect({
    live: reviveWords('live', { service }, NOW),
    trying: reviveWords('trying', { service }, NOW),
    asleep: reviveWords('asleep', { service }, NOW),
    unknown: reviveWords('broken', {}, NOW),
    service: reviveWords('broken', { service, stoppedAtMs: null }, NOW),
    none: reviveWords('broken', { service: { installed: false, kind: null } }, NOW),
    stopped: reviveWords('broken', { service, stoppedAtMs: NOW - 600_000 }, NOW),
  }).toEqual({
    live: { lines: [], command: null },
    trying: { lines: [], command: null },
    asleep: {
      lines: ['When it wakes, it is back by itself, and its sessions go on.', cannot],
      command: null,
    },
    unknown: { lines: [cannot], command: 'porchlight host start' },
    service: {
      lines: [crash, 'After a reboot too: it starts with the machine.', cannot],
      command: null,
    },
    none: {
      lines: [crash, 'After a reboot it does not: somebody must start it.', cannot],
      command: 'porchlight host start',
    },
    stopped: {
      lines: [`It was stopped by hand at ${SINCE}. Nothing starts it by itself.`, cannot],
      command: 'porchlight host start',
    },
  });
});

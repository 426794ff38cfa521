import { expect, test } from 'vitest';
import { placeName, toldWords } from '../../../../../renderer/features/attention/told-words.ts';
import type { Told } from '../../../../../src/protocol/attention.ts';

const NOW = Date.parse('2026-11-21T08:00:00.000Z');
const KNOWN = [
  { place: 'device:A', name: 'Pixel 9' },
  { place: 'ntfy', name: 'ntfy.example' },
];

function told(place: string, minAgo: number, given: Partial<Told> = {}): Told {
  return { place, at: new Date(NOW - minAgo * 60_000).toISOString(), outcome: 'handed', ...given };
}

test('places are called by their names, and a newer host’s by its own', () => {
  expect(
    ['device:A', 'device:gone', 'window', 'ntfy', 'pager'].map((place) => placeName(place, KNOWN)),
  ).toEqual(['Pixel 9', 'A device', 'Window', 'ntfy', 'pager']);
});

test.each<[readonly Told[], string, readonly string[]]>([
  [[], 'You were not told anywhere yet.', []],
  // The last time at each place, the newest place first.
  [
    [told('window', 12), told('device:A', 10), told('device:A', 2)],
    'Told: Pixel 9, 2 min ago; Window, 12 min ago.',
    [],
  ],
  [
    ['window', 'tray', 'desktop', 'ntfy', 'webhook'].map((place, n) => told(place, n)),
    'Told: Window, just now; Tray, 1 min ago; This desktop, 2 min ago; and 2 more places.',
    [],
  ],
  [
    [
      told('device:A', 1, { outcome: 'failed', problem: 'It answers 503.' }),
      told('ntfy', 0, { outcome: 'failed' }),
    ],
    'You were not told anywhere yet.',
    [
      'ntfy could not be told (just now).',
      'Pixel 9 could not be told (1 min ago): It answers 503.',
    ],
  ],
  // It failed first, and went through after that.
  [
    [told('ntfy', 2, { outcome: 'failed', problem: 'No.' }), told('ntfy', 1)],
    'Told: ntfy, 1 min ago.',
    [],
  ],
])('where a person was told, in words: %#', (all, words, failures) => {
  expect(toldWords({ told: [...all] }, KNOWN, NOW)).toEqual({ told: words, failures });
});

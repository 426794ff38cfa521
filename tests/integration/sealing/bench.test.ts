import { expect, test } from 'vitest';
import { benchSealed } from '../../bench/relay/sealed.ts';

test('a short run of the bench has every figure of sealing', async () => {
  const figures = await benchSealed({ rounds: 1, tripsPerRound: 20, resumesPerRound: 2 });
  const ofSize = (size: string, goal: string): string[] => [
    `round trip ${size}, relayed, p50 µs`,
    `round trip ${size}, sealed and relayed, p50 µs`,
    `round trip ${size}, sealed against plain, both relayed, p50 × ${goal}`,
    `round trip ${size}, sealed and relayed against socket.io direct, p50 × ≤ 1`,
  ];
  expect(figures.map(({ name, unit, goal }) => `${name} ${unit} ${goal}`.trim())).toEqual([
    ...ofSize('200 B', '≤ 1.25'),
    ...ofSize('4 KB', '≤ 1.2'),
    'connect and one echo, bare ws, p50 ms',
    'sealed resume with 20 missed events, p50 ms',
    'sealed resume against a bare connect and echo, p50 × ≤ 2.5',
  ]);
  expect(figures.filter(({ value }) => !(value > 0))).toEqual([]);
}, 60_000);

import { expect, test } from 'vitest';
import { WayChoice } from '../../../../src/connection/device/way.ts';

test('takes the fallback after two WebSockets that never spoke with the relay', () => {
  const ways = new WayChoice(true);
  const tried: string[] = [];
  for (let i = 0; i < 6; i += 1) {
    const way = ways.next(0);
    tried.push(way);
    ways.failed(way);
  }
  expect(tried).toEqual(['socket', 'socket', 'poll', 'socket', 'socket', 'poll']);
});

test('stays with the fallback where it works, and tries WebSocket again later', () => {
  const ways = new WayChoice(true);
  ways.failed('socket');
  ways.failed('socket');
  ways.worked('poll', 1_000);
  expect([ways.next(2_000), ways.next(300_999), ways.next(301_000)]).toEqual([
    'poll',
    'poll',
    'socket',
  ]);
  ways.worked('socket', 301_000);
  expect(ways.next(301_001)).toBe('socket');
});

test('a WebSocket that was cut after it spoke says nothing against WebSockets', () => {
  const ways = new WayChoice(true);
  ways.failed('socket');
  ways.worked('socket', 0);
  ways.failed('socket');
  expect(ways.next(0)).toBe('socket');
});

test('has no fallback where the runtime has none', () => {
  const ways = new WayChoice(false);
  for (let i = 0; i < 5; i += 1) ways.failed('socket');
  expect(ways.next(0)).toBe('socket');
});

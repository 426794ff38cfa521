import { expect, test } from 'vitest';
import { WayChoice } from '../../../../src/connection/device/way.ts';

test('takes the fallback after two WebSockets that never spoke with the relay', () => {
  const ways = new WayChoice(true);
  const tried: string[] = [];
  for (let i = 0; i < 6; i += 1) {
    const way = ways.next(0);
    tried.push(way);
    ways.failed(way, 0);
  }
  expect(tried).toEqual(['socket', 'socket', 'poll', 'socket', 'socket', 'poll']);
});

test('stays with the fallback where it works, and tries WebSocket again later', () => {
  const ways = new WayChoice(true);
  ways.failed('socket', 0);
  ways.failed('socket', 0);
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
  ways.failed('socket', 0);
  ways.worked('socket', 0);
  ways.failed('socket', 0);
  expect(ways.next(0)).toBe('socket');
});

test('while a relay restarts that spoke by WebSocket a moment ago, nobody ends at the fallback', () => {
  const ways = new WayChoice(true);
  ways.worked('socket', 0);
  ways.ended('socket', 3_600_000 - 100);
  const tried: string[] = [];
  for (const atMs of [0, 300, 1_000, 3_000, 9_999, 10_000, 11_000, 12_000]) {
    const nowMs = 3_600_000 + atMs;
    const way = ways.next(nowMs);
    tried.push(way);
    ways.failed(way, nowMs);
  }
  expect(tried.map((way) => way[0]).join('')).toBe('ssssspss');
  // Long ago, the phone may be somewhere else by now.
  const late = new WayChoice(true);
  late.worked('socket', 0);
  late.failed('socket', 0);
  late.failed('socket', 0);
  expect(late.next(300_000)).toBe('poll');
});

test('has no fallback where the runtime has none', () => {
  const ways = new WayChoice(false);
  for (let i = 0; i < 5; i += 1) ways.failed('socket', 0);
  expect(ways.next(0)).toBe('socket');
});

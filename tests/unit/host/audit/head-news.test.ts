import { expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import { headNews } from '../../../../src/host/audit/head-news.ts';
import type { AuditHead } from '../../../../src/protocol/audit.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

test('the newest entry is told at once, then no more often than every five seconds', () => {
  const changed = new Emitter<AuditHead>();
  const timers = new FakeTimers();
  const told: number[] = [];
  const head = (n: number) => changed.emit({ n, hash: 'a'.repeat(64) });
  const stop = headNews(
    changed,
    (ms, run) => timers.after(ms, run),
    ({ n }) => told.push(n),
  );
  head(1);
  head(2);
  head(3);
  expect(told).toEqual([1]);
  timers.advance(5_000);
  expect(told).toEqual([1, 3]);
  head(4);
  timers.advance(4_999);
  expect(told).toEqual([1, 3]);
  timers.advance(1);
  expect(told).toEqual([1, 3, 4]);
  timers.advance(5_000);
  head(5);
  expect(told).toEqual([1, 3, 4, 5]);
  head(6);
  stop();
  timers.advance(10_000);
  head(7);
  expect(told).toEqual([1, 3, 4, 5]);
});

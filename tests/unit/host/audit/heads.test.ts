import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import { HeadFile } from '../../../../src/host/audit/head-file.ts';
import { followHeads, HeadPulse, PULSE_MS } from '../../../../src/host/audit/head-pulse.ts';
import type { AuditHead } from '../../../../src/protocol/audit.ts';
import { MAX_UNACKED_BYTES } from '../../../../src/protocol/limits.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

const head = (n: number): AuditHead => ({ n, hash: String(n % 10).repeat(64) });

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'porchlight-heads-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('a surface hears of the newest head at once, then at most every five seconds, and never twice', () => {
  const changed = new Emitter<AuditHead>();
  const timers = new FakeTimers();
  const pulse = new HeadPulse({ changed, timers });
  const told: number[] = [];
  const surface = {
    bufferedBytes: 0,
    notify: (_: string, params: { head: AuditHead }) => void told.push(params.head.n),
  };
  const feed = followHeads(pulse.heads, surface);
  changed.emit(head(1));
  changed.emit(head(2));
  timers.advance(0);
  expect(told).toEqual([2]);
  for (let n = 3; n < 100; n += 1) changed.emit(head(n));
  timers.advance(PULSE_MS - 1);
  expect(told).toEqual([2]);
  timers.advance(1);
  expect(told).toEqual([2, 99]);
  timers.advance(10 * PULSE_MS);
  expect(told).toEqual([2, 99]);
  surface.bufferedBytes = MAX_UNACKED_BYTES + 1;
  changed.emit(head(100));
  timers.advance(PULSE_MS);
  surface.bufferedBytes = 0;
  changed.emit(head(101));
  timers.advance(PULSE_MS);
  expect(told).toEqual([2, 99, 101]);
  feed.close();
  changed.emit(head(102));
  timers.advance(PULSE_MS);
  expect(told).toEqual([2, 99, 101]);
});

test('heads are added as lines to a file elsewhere, the newest of those that came meanwhile', async () => {
  const path = join(folder, 'heads');
  const troubles: (string | null)[] = [];
  const file = new HeadFile({
    path: () => path,
    now: () => new Date('2026-01-01T00:00:00.000Z'),
    trouble: (words) => troubles.push(words),
  });
  file.add(head(1));
  file.add(head(2));
  file.add(head(3));
  await file.idle();
  expect(readFileSync(path, 'utf8')).toBe(
    [1, 3].map((n) => `${n}:${head(n).hash} 2026-01-01T00:00:00.000Z\n`).join(''),
  );
  expect(troubles).toEqual([null, null]);
});

test.each([
  ['heads', 'must be an absolute path, not heads'],
  ['/nowhere/at/all/heads', 'are not kept in /nowhere/at/all/heads (ENOENT'],
])('a head file at %s is a problem in words', async (path, words) => {
  const troubles: (string | null)[] = [];
  const now = () => new Date(0);
  const file = new HeadFile({ path: () => path, now, trouble: (told) => troubles.push(told) });
  file.add(head(1));
  await file.idle();
  expect(troubles).toEqual([expect.stringContaining(words)]);
});

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import { DialClock } from '../../../../src/host/relay/dial-clock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'porchlight-dial-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

let nowMs = 0;
const started = (path = join(folder, 'dialled.json')) =>
  new DialClock({ path, nowMs: () => nowMs, logger: silentLogger });

test('each dial is later than the one before, within a millisecond and when the clock goes back', () => {
  nowMs = 1_000;
  const clock = started();
  const dialled = [clock.next(), clock.next()];
  nowMs = 500;
  dialled.push(clock.next());
  nowMs = 2_000;
  dialled.push(clock.next());
  expect(dialled).toEqual([1_000, 1_001, 1_002, 2_000]);
});

test('so it is after a restart with a clock that was set back', () => {
  nowMs = 5_000;
  started().next();
  nowMs = 10;
  expect(started().next()).toBe(5_001);
  expect(statSync(join(folder, 'dialled.json')).mode & 0o777).toBe(0o600);
});

test.each(['', '{"dialledMs":"7"}', '{"dialledMs":-1}', '{"dialledMs":1e300}', 'null', '[1]'])(
  'a file that says %j is one that says nothing',
  (text) => {
    writeFileSync(join(folder, 'dialled.json'), text, { mode: 0o600 });
    nowMs = 7;
    expect(started().next()).toBe(7);
  },
);

test('a clock in a far century is not followed, and one that cannot be kept still grows', () => {
  nowMs = Date.UTC(9999, 0);
  expect(started().next()).toBe(1);
  nowMs = 3;
  const unkept = started(join(folder, 'no', 'such', 'folder.json'));
  expect([unkept.next(), unkept.next()]).toEqual([3, 4]);
});

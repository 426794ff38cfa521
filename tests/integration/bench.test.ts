import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { benchAppend } from '../bench/append.ts';
import { benchDelay } from '../bench/delay.ts';
import { figure, percentile, type Figure } from '../bench/figure.ts';
import { benchMemory } from '../bench/memory.ts';
import { benchPowerIdle } from '../bench/power/idle.ts';
import { benchKilled } from '../bench/power/killed.ts';
import { benchTurns } from '../bench/power/turns.ts';
import { benchIdle } from '../bench/relay/idle.ts';
import { benchRoundTrip } from '../bench/relay/round-trip.ts';
import { benchRestart } from '../bench/restart.ts';
import { benchTranscript } from '../bench/transcript.ts';
import { whyNoLogind } from '../support/real-logind.ts';

const bench = join(import.meta.dirname, '..', '..', 'build', 'bench.mjs');

/** Whether goals hold is for `npm run bench`: here only that every figure comes out. */
function shape(figures: readonly Figure[]) {
  return figures.map(({ name, value, unit, goal, holds }) => ({
    name,
    isMeasured: Number.isFinite(value) && value > 0,
    unit,
    goal,
    isJudged: typeof holds === 'boolean',
  }));
}

const row = (name: string, unit: string, goal = '') => ({
  name,
  isMeasured: true,
  unit,
  goal,
  isJudged: true,
});

describe('a short run of the bench', () => {
  test('compares durable appends with libsql alone, in batches', async () => {
    expect(shape(await benchAppend({ rounds: 1, commits: 10 }))).toEqual(
      [1, 16, 100].flatMap((batch) => [
        row(`durable append, ${batch} a commit, libsql alone`, 'rows/s'),
        row(`durable append, ${batch} a commit`, 'rows/s'),
        row(`durable append, ${batch} a commit / libsql alone`, '×', '≥ 0.8'),
      ]),
    );
  });

  test('compares the delay of a line with two bare hops', async () => {
    const options = { rounds: 1, linesPerRound: 200, everyMs: 1 };
    expect(shape(await benchDelay(options))).toEqual([
      row('delay p50 at 1,000 events/s, two bare hops', 'ms'),
      row('delay p50 at 1,000 events/s, keeper + host', 'ms'),
      row('delay p50 at 1,000 events/s, two bare hops and the disk', 'ms'),
      row('delay p50 / two bare hops', '×', '≤ 3, stretch 2'),
      row('delay p50 / two bare hops and the disk', '×'),
      row('delay p99 at 1,000 events/s, two bare hops', 'ms'),
      row('delay p99 at 1,000 events/s, keeper + host', 'ms', '≤ 10'),
    ]);
  });

  test.skipIf(process.platform !== 'linux')(
    'kills the host while surfaces follow, and waits until each is live again',
    async () => {
      const options = { rounds: 1, sessions: 8, events: 4_000, settledMs: 0 };
      const what = 'host restart with 8 sessions and 4,000 events';
      expect(shape(await benchRestart(options))).toEqual([
        row(`${what}, start to answering`, 'ms'),
        row(`${what}, CPU time of the host by then`, 'ms'),
        row(`${what}, start to window live`, 'ms'),
        row(`${what}, start to tray live`, 'ms'),
        row(`${what}, start to command line live`, 'ms'),
        row(`${what}, start to second command line live`, 'ms'),
        row(`${what}, start to every surface live`, 'ms', '≤ 1000'),
        row(`${what}, slowest of all`, 'ms'),
      ]);
    },
    60_000,
  );

  test.skipIf(process.platform !== 'linux')(
    "looks at the host's memory while an agent streams, and while one is prompted often",
    async () => {
      const options = { events: 6_000, turns: 3, prompts: 12, promptsALook: 4 };
      const parts = ['one session of 6,000 events', '12 prompts'];
      const rows = (what: string) => [
        row(`host memory, ${what}, first third`, 'MiB RSS'),
        row(`host memory, ${what}, last third`, 'MiB RSS'),
        row(`host memory, ${what}, growth`, '%', '≤ 5'),
        row(`host memory, ${what}, last third, garbage not collected`, 'MiB RSS'),
        row(`host memory, ${what}, growth, garbage not collected`, '%'),
        row(`host heap, ${what}, first third`, 'MiB'),
        row(`host heap, ${what}, last third`, 'MiB'),
      ];
      // Growth may be none, or less.
      const figures = shape(await benchMemory(options)).map((each) =>
        each.unit === '%' ? { ...each, isMeasured: true } : each,
      );
      expect(figures).toEqual(parts.flatMap(rows));
    },
    60_000,
  );

  test('sends frames through the relay and around it', async () => {
    const rows = (what: string) => [
      row(`round trip ${what}, direct, p50`, 'µs'),
      row(`round trip ${what}, relayed, p50`, 'µs'),
      row(`round trip ${what}, relayed against direct, p50`, '×', '≤ 2.2'),
      row(`round trip ${what}, bare TCP splice against direct, p50`, '×'),
      row(`round trip ${what}, relayed against direct, p99`, '×'),
    ];
    const figures = await benchRoundTrip({ rounds: 2, tripsPerRound: 20 });
    expect(shape(figures)).toEqual([...rows('200 B'), ...rows('4 KB')]);
  });

  test('counts what idle devices cost the relay', async () => {
    // So few that a garbage collection weighs more than all of them.
    const figures = await benchIdle({ rounds: 1, devices: 40 });
    expect(figures.map(({ name, goal }) => [name, goal])).toEqual([
      ['idle connection, bare ws server', ''],
      ['idle device, relay', ''],
      ['idle device against a connection of a bare ws server', '≤ 1.1'],
    ]);
  });

  test.skipIf(whyNoLogind() !== null)(
    'holds the machine awake, as a real logind lists it',
    async () => {
      const figures = [
        ...(await benchTurns({ turns: 2 })),
        ...(await benchKilled({ rounds: 1 })),
        ...(await benchPowerIdle({ settleMs: 0, windowMs: 200 })),
      ];
      const when = ['nothing to hold', 'holding'];
      expect(
        figures.map(({ name, value, unit, goal }) => [name, Number.isFinite(value), unit, goal]),
      ).toEqual([
        ['hold after a turn starts, p50', true, 'ms', '≤ 100'],
        ['hold after a turn starts, p99', true, 'ms', '≤ 100'],
        ['release after the last reason ends, p50', true, 'ms', '≤ 2000'],
        ['release after the last reason ends, p99', true, 'ms', '≤ 2000'],
        ['hold again after SIGKILL of the holder, median', true, 'ms', ''],
        ['hold again after SIGKILL of the holder, slowest', true, 'ms', ''],
        ...when.flatMap((what) => [
          [`idle CPU of holder and its children, ${what}`, true, '%', ''],
          [`idle CPU of the host's share, ${what}`, true, '%', ''],
          [`idle CPU of the whole power part, ${what}`, true, '%', '≤ 0.05'],
        ]),
        ['memory of the holder', true, 'MiB PSS', ''],
        ['memory of all that the holder runs', true, 'MiB PSS', ''],
      ]);
    },
  );

  test('opens and scrolls a transcript in Chromium', async () => {
    const what = 'transcript of 3,000 events';
    expect(shape(await benchTranscript({ events: 3_000, rounds: 1, wheelTurns: 10 }))).toEqual([
      row(`${what}, open to first paint`, 'ms', '≤ 500'),
      row(`${what}, longest script task of a scroll`, 'ms', '≤ 50'),
      row(`${what}, longest script task of a scroll, CPU time`, 'ms'),
    ]);
  });
});

test('a figure keeps three digits and is held against its bound, not against what is shown', () => {
  expect([
    figure('a', 0.12345, 'ms'),
    figure('b', 3.001, '×', { atMost: 3, stretch: 2 }),
    figure('c', 12_345.6, 'rows/s', { atLeast: 0.8 }),
  ]).toEqual([
    { name: 'a', value: 0.123, unit: 'ms', goal: '', holds: true },
    { name: 'b', value: 3, unit: '×', goal: '≤ 3, stretch 2', holds: false },
    { name: 'c', value: 12_346, unit: 'rows/s', goal: '≥ 0.8', holds: true },
  ]);
});

test('a percentile is the value that this share of the samples does not exceed', () => {
  const samples = [5, 1, 4, 2, 3];
  expect([0, 0.5, 0.99, 1].map((share) => percentile(samples, share))).toEqual([1, 3, 5, 5]);
  expect(percentile([], 0.5)).toBeNaN();
});

test('a bench that is not there is refused in words, with nothing on stdout', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bench, 'phone', '--json'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect({ status, stdout, says: stderr.split('\n')[0] }).toEqual({
    status: 2,
    stdout: '',
    says: 'porchlight: name the bench: host, survive, relay, relay-cluster, approvals, power, notify',
  });
});

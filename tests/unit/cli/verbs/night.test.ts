import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { momentMs, spanMs } from '../../../../src/cli/times.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { approvalIdSchema, sessionIdSchema } from '../../../../src/protocol/ids.ts';
import type { NightReport } from '../../../../src/protocol/night.ts';
import { CliBench, NOW } from '../run-cli.ts';

let bench: CliBench;
beforeEach(async () => {
  bench = new CliBench();
  await bench.up();
});
afterEach(async () => await bench.down());

const night = { since: '2026-11-21T22:00:00.000Z', until: null, by: 'cli' };
const sessionId = sessionIdSchema.parse('s_aaaaaaaaaaaa');
const rule = { source: 'user' as const, id: 'r1', text: 'deny command "git push"' };
const report: NightReport = {
  since: night.since,
  ended: null,
  sessions: [
    {
      ...{ sessionId, title: 'Refactor', state: 'waiting', completed: 3, cutShort: 0 },
      ...{ allowed: 41, refused: 1, workedMs: 3_600_000, waitedMs: 600_000 },
    },
  ],
  rules: [{ rule, allowed: false, times: 1 }],
  refused: [{ sessionId, title: 'git push\u001b[2J', rule, at: night.since }],
  waiting: [
    {
      ...{ id: approvalIdSchema.parse('a_bbbbbbbbbbbb'), sessionId, kind: 'execute' as const },
      ...{ title: 'rm -rf build', hash: 'a'.repeat(64), options: [] },
      call: { tool: 'Bash', input: {}, locations: [], diff: [] },
      ...{ createdAt: night.since, expiresAt: null },
    },
  ],
};

describe('night', () => {
  it('starts until a time of day, or for a time, and tells what the host made of it', async () => {
    bench.host.handlers['night.start'] = ({ until }) => ({
      night: { ...night, until: until ?? null },
    });
    const until = async (...options: string[]) => {
      const { code, stdout } = await bench.run(['night', 'start', ...options, '--json']);
      return [code, (JSON.parse(stdout) as { night: { until: string | null } }).night.until];
    };
    expect([await until(), await until('--for', '1h30m'), await until('--until', '07:00')]).toEqual(
      [
        [0, null],
        [0, new Date(NOW + 90 * 60_000).toISOString()],
        [0, new Date(momentMs('07:00', NOW)).toISOString()],
      ],
    );
  });

  it('takes one end, and one that is a time', async () => {
    const codes = [];
    for (const options of [
      ['--for', 'soon'],
      ['--until', '25:00'],
      ['--for', '1h', '--until', '7:00'],
    ])
      codes.push((await bench.run(['night', 'start', ...options])).code);
    expect(codes).toEqual([2, 2, 2]);
  });

  it('says in words that it is no night, and with --json the same', async () => {
    const words = await bench.run(['night']);
    const json = await bench.run(['night', '--json']);
    expect([words.stdout, JSON.parse(json.stdout)]).toEqual([
      'It is no night. Begin one with: porchlight night start --until 07:00\n',
      { night: null },
    ]);
  });

  it('ends it, or passes on why not', async () => {
    const ended = await bench.run(['night', 'end', '--json']);
    bench.host.handlers['night.end'] = () => {
      throw new RpcFailure('refused', 'It is no night.');
    };
    const refused = await bench.run(['night', 'end']);
    expect([ended.code, JSON.parse(ended.stdout), refused.code, refused.stderr]).toEqual([
      0,
      { night: null },
      1,
      'porchlight: It is no night.\n',
    ]);
  });

  it('reports on one page, what waits first, and gives the whole report with --json', async () => {
    bench.host.handlers['night.report'] = () => ({ report });
    const words = await bench.run(['night', 'report']);
    expect(words.stdout.split('\n').filter((line) => /^[A-Z][a-z].*: /u.test(line))).toEqual([
      'Waits for you: 1 decision',
      'Ran: 1 session',
      'Refused by rules: 1 call',
      'Rules that decided: 1',
    ]);
    expect(words.stdout).not.toContain('\u001b');
    expect(words.stdout).toMatch(/waiting +3 +0 +41 +1 +1 h +10 min +Refactor/u);
    expect(JSON.parse((await bench.run(['night', 'report', '--json'])).stdout)).toEqual(report);
  });
});

describe('times', () => {
  it('are the next one that a clock here shows, or spans of minutes, hours and days', () => {
    const at = new Date(2026, 10, 21, 22, 30).getTime();
    expect([
      momentMs('07:00', at),
      momentMs('22:30', at),
      momentMs('22:31', at),
      spanMs('90m'),
      spanMs('1d2h3m'),
    ]).toEqual([
      new Date(2026, 10, 22, 7, 0).getTime(),
      new Date(2026, 10, 22, 22, 30).getTime(),
      new Date(2026, 10, 21, 22, 31).getTime(),
      5_400_000,
      93_780_000,
    ]);
    for (const bad of ['', '0h', '8', 'h8', '8h!']) expect(() => spanMs(bad)).toThrow('is no time');
  });
});

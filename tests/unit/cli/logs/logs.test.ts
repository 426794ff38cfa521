import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../../src/cli/program.ts';
import { CliBench } from '../run-cli.ts';

let bench: CliBench;
beforeEach(() => (bench = new CliBench()));
afterEach(async () => await bench.down());

const entry = (msg: string, more: object = {}) =>
  `${JSON.stringify({ level: 30, time: 1_763_712_000_000, pid: 1, hostname: 'h', msg, ...more })}\n`;

describe('logs', () => {
  it('say on stderr that there is none, without starting a host', async () => {
    expect(await bench.run(['logs', '--json'])).toMatchObject({ code: 0, stdout: '' });
  });

  it('are readable for people', async () => {
    writeFileSync(
      bench.home.hostLog,
      entry('started', { session: 's_1', level: 40 }) + 'a crash\u001b[2J\n',
    );
    expect((await bench.run(['logs'])).stdout).toBe(
      '2025-11-21T08:00:00.000Z warn  started session=s_1\na crash‹U+001B›[2J\n',
    );
  });

  it('are JSON lines with --json, whatever is in the file', async () => {
    writeFileSync(bench.home.hostLog, entry('started') + 'a crash\n"text"\n{"unfinished":');
    const { stdout } = await bench.run(['logs', '--json']);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { level: 30, time: 1_763_712_000_000, pid: 1, hostname: 'h', msg: 'started' },
      { msg: 'a crash' },
      { msg: '"text"' },
      { msg: '{"unfinished":' },
    ]);
  });

  it('-f goes on over rotation and over emptying, and loses nothing', async () => {
    const path = bench.home.hostLog;
    const stdout = new PassThrough({ highWaterMark: 1024 * 1024 });
    let text = '';
    stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    let leave = (): void => {};
    const onSignal = (stop: (signal: NodeJS.Signals) => void) => {
      leave = () => stop('SIGINT');
      return () => {};
    };
    const done = runCli(['logs', '-f', '--json'], bench.surroundings({ stdout, onSignal }));
    const seen = async (msg: string) =>
      await vi.waitFor(() => expect(text).toContain(`"${msg}"`), { timeout: 10_000, interval: 10 });
    writeFileSync(path, entry('one'));
    await seen('one');
    appendFileSync(path, entry('two'));
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, entry('three'));
    writeFileSync(path, entry('four'));
    await seen('four');
    truncateSync(path);
    appendFileSync(path, entry('5'));
    await seen('5');
    leave();
    const said = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect([await done, said]).toEqual([0, ['one', 'two', 'three', 'four', '5']]);
  });
});

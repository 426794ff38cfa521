import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliUnderTest, type Status } from './cli-under-test.ts';
import { WebhookServer } from '../support/webhook-server.ts';
import { eventually } from './support/host-under-test.ts';

let bench: CliUnderTest;
beforeEach(() => {
  bench = new CliUnderTest();
});
afterEach(async () => await bench.end());

interface Row {
  readonly id: string;
  readonly state: string;
  readonly pulse: string | null;
}

it('ls --watch tells of a session that begins, asks and is decided, over a host that is killed', async () => {
  await bench.json('host', 'start');
  const watching = bench.program('ls', '--watch', '--json');
  const lists = (): Row[][] =>
    watching.stdout
      .slice(0, watching.stdout.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Row[]);
  const seen = async (state: string) =>
    await eventually(async () => (lists().at(-1)?.[0]?.state === state ? true : null));
  await eventually(async () => (lists().length > 0 ? true : null));
  const sessionId = await bench.start('SCRIPT:shell cmd=true');
  await seen('waiting');
  process.kill((await bench.json<Status>('host', 'status')).pid, 'SIGKILL');
  const { id } = await bench.approvalOf(sessionId);
  await bench.json('approve', id);
  await seen('idle');
  watching.child.kill('SIGINT');
  const { code } = await watching.done;
  expect([
    code,
    lists()[0],
    lists()
      .at(-1)
      ?.map((row) => row.id),
  ]).toEqual([0, [], [sessionId]]);
});

it('reach and notify tell of a session that waits, and restart brings its agent back', async () => {
  const reachAlone = await bench.run('reach', '--no-start', '--json');
  const sessionId = await bench.start('SCRIPT:hang cancel=ok');
  await bench.until(sessionId, 'working');
  const reach = await bench.json<{
    relay: { ok: boolean; ms: number | null };
    devices: unknown[];
    sessions: { id: string; ms: number | null; pulse: { pulse: string } }[];
  }>('reach');
  expect([
    reachAlone.code,
    reach.devices,
    reach.sessions.map(({ id, ms }) => [id, ms !== null]),
  ]).toEqual([3, [], [[sessionId, true]]]);
  expect(await bench.json('restart', sessionId)).toEqual({ state: 'idle' });
  const items = await eventually(async () => {
    const told = await bench.json<{ items: { kind: string; sessionId?: string }[] }>('notify');
    return told.items.length > 0 ? told.items : null;
  });
  expect(items.map(({ kind, sessionId: of }) => [kind, of])).toEqual([['failed', sessionId]]);
});

it('a webhook is allowed, set up with a secret from stdin, and tried; the secret is told nowhere', async () => {
  const secret = 'of-this-test-0123456789';
  const receiver = await WebhookServer.start(secret);
  try {
    await bench.json('host', 'start');
    const { host } = new URL(receiver.url);
    const setUp = ['notify', 'webhook', receiver.url, '--secret-stdin'];
    const refused = await bench.runWith(secret, ...setUp);
    await bench.json('notify', 'allow', host);
    const taken = await bench.runWith(`${secret}\n`, ...setUp, '--json');
    const tests = await bench.json<{ place: string; ok: boolean; status: number }[]>(
      'notify',
      'test',
    );
    const policy = await bench.json<{ seenSec: number }>('notify', 'policy', 'seenSec=1m');
    const config = JSON.parse(readFileSync(join(bench.home, 'config.json'), 'utf8')) as object;
    const told = [
      await bench.run('notify'),
      await bench.run('notify', '--json'),
      await bench.run('logs'),
    ];
    expect([refused.code, JSON.parse(taken.stdout), tests, policy.seenSec, config]).toEqual([
      1,
      { channel: 'webhook', on: true, host, detail: false },
      [expect.objectContaining({ place: 'webhook', ok: true, status: 204 })],
      60,
      expect.objectContaining({
        notify: { seenSec: 60, webhook: { url: receiver.url, secret }, allowHosts: [host] },
      }),
    ]);
    expect([
      receiver.done().map(({ type }) => type),
      receiver.faults,
      told.some(({ stdout }) => stdout.includes(secret) || stdout.includes('of-the-path')),
    ]).toEqual([['attention.needed'], [], false]);
  } finally {
    await receiver.close();
  }
});

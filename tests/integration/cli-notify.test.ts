import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CliUnderTest, type Status } from './cli-under-test.ts';
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
  const reachAlone = await bench.run('reach', '--json');
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

it('the webhook that is set up here is tried, signed with the secret that was shown once', async () => {
  const receiver = await Receiver.open();
  try {
    await bench.json('host', 'start');
    const url = `http://127.0.0.1:${receiver.port}/hook`;
    const refused = await bench.run('notify', 'webhook', url);
    await bench.json('notify', 'allow', `127.0.0.1:${receiver.port}`);
    const { secret } = await bench.json<{ secret: string }>('notify', 'webhook', url);
    const [test] = await bench.json<{ ok: boolean; status: number }[]>('notify', 'test', 'webhook');
    const [hit] = receiver.hits;
    const { headers, body } = hit ?? { headers: {}, body: '' };
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const config = readFileSync(join(bench.home, 'config.json'), 'utf8');
    const all = await bench.run('notify', '--json');
    expect([
      refused.code,
      test?.ok,
      headers['webhook-signature'],
      config.includes(secret),
      all.stdout.includes(secret),
      (await bench.json<{ keepsSecret?: never }>('notify', 'webhook', url)) satisfies object,
    ]).toEqual([
      1,
      true,
      `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
      true,
      false,
      { channel: 'webhook', on: true, host: `127.0.0.1:${receiver.port}`, detail: false },
    ]);
    const policy = await bench.json<{ seenSec: number }>('notify', 'policy', 'seenSec=1m');
    expect([
      policy.seenSec,
      JSON.parse(readFileSync(join(bench.home, 'config.json'), 'utf8')),
    ]).toEqual([
      60,
      expect.objectContaining({ notify: expect.objectContaining({ seenSec: 60 }) as unknown }),
    ]);
  } finally {
    await receiver.close();
  }
});

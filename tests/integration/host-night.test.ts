import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, HostUnderTest, isAlive, newCommandId } from './support/host-under-test.ts';

const host = new HostUnderTest();
beforeAll(async () => {
  await host.connect();
});
afterAll(async () => {
  await host.stop();
});

test('a night survives its host; what waits in it holds up no other session, and the page says so', async () => {
  const { night } = await host.client.call('night.start', { commandId: newCommandId() });
  const asks = await host.start('demo', 'SCRIPT:approve n=1');
  const waiting = await host.approval(asks);
  const { pid } = await host.client.call('host.status', {});
  process.kill(pid, 'SIGKILL');
  await eventually(async () => (isAlive(pid) ? null : true));
  await host.connect();
  expect(await host.client.call('night.state', {})).toEqual({ night });
  const others = [
    await host.start('demo', 'SCRIPT:stream n=20 rate=500'),
    await host.start('demo', 'SCRIPT:stream n=20 rate=500'),
  ];
  for (const id of others) expect((await host.turnEnded(id)).turn?.outcome).toBe('completed');
  expect((await host.state(asks)).state).toBe('waiting');
  await host.client.call('night.end', { commandId: newCommandId() });
  const { report } = await host.client.call('night.report', {});
  expect([
    report?.since,
    report?.waiting.map(({ id }) => id),
    report?.sessions.map(({ sessionId, state, completed }) => [sessionId, state, completed]),
    report?.sessions.map(({ waitedMs }) => waitedMs > 0),
  ]).toEqual([
    night.since,
    [waiting.id],
    [
      [asks, 'waiting', 0],
      [others[0], 'idle', 1],
      [others[1], 'idle', 1],
    ],
    [true, false, false],
  ]);
  await host.allow(waiting);
  expect((await host.client.call('night.report', {})).report?.waiting).toEqual([]);
});

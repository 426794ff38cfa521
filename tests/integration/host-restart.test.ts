import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { dist, eventually, HostUnderTest, isAlive } from './support/host-under-test.ts';

const host = new HostUnderTest({
  agents: {
    quick: {
      command: process.execPath,
      args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
    },
  },
});

beforeAll(async () => {
  await host.connect();
});
afterAll(async () => {
  await host.stop();
});

test('a restart leaves keeper and agents: text that streams meanwhile is all there, once', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:stream n=400 rate=400');
  await host.until(sessionId, (state) => state.lastSeq > 50);
  const before = await host.client.call('host.status', {});
  await host.client.call('host.stop', { all: false });
  await eventually(async () => (isAlive(before.pid) ? null : true));
  await host.connect();
  const after = await host.client.call('host.status', {});
  expect([after.keeperPid, after.pid === before.pid]).toEqual([before.keeperPid, false]);
  await host.turnEnded(sessionId, 1, 30_000);
  const chunks = (await host.events(sessionId)).filter((event) => event.type === 'agent.text');
  expect([chunks.length, new Set(chunks.map((event) => event.text)).size]).toEqual([400, 400]);
});

test('a page in a browser finds the host again after a restart and after a crash, at its address', async () => {
  const link = new URL((await host.client.call('host.serveUi', {})).url);
  const answer = await fetch(`${link.origin}/token`, {
    method: 'POST',
    headers: { origin: link.origin, 'content-type': 'application/json' },
    body: JSON.stringify({ token: new URLSearchParams(link.hash.slice(1)).get('token') }),
  });
  const { session } = (await answer.json()) as { session: string };
  const page = async (): Promise<true | null> =>
    await new Promise((resolve) => {
      const url = `ws://127.0.0.1:${link.port}/ws`;
      const socket = new WebSocket(url, ['porchlight', `session.${session}`], {
        origin: link.origin,
      });
      socket.on('open', () => {
        socket.close();
        resolve(true);
      });
      socket.on('error', () => resolve(null));
    });
  expect(await page()).toBe(true);
  for (const end of ['restart', 'crash']) {
    const { pid } = await host.client.call('host.status', {});
    if (end === 'restart') await host.client.call('host.stop', { all: false });
    else process.kill(pid, 'SIGKILL');
    await eventually(async () => (isAlive(pid) ? null : true));
    expect(await eventually(page)).toBe(true);
    await host.connect();
  }
});

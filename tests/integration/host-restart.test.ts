import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Approval } from '../../src/protocol/approval/approval.ts';
import {
  dist,
  eventually,
  HostUnderTest,
  isAlive,
  newCommandId,
} from './support/host-under-test.ts';

const APPROVALS = 4;

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

/** Ends the host, politely or not, and waits until its process is gone. */
async function end(how: 'restart' | 'crash'): Promise<void> {
  const { pid } = await host.client.call('host.status', {});
  if (how === 'restart') await host.client.call('host.stop', { all: false });
  else process.kill(pid, 'SIGKILL');
  await eventually(async () => (isAlive(pid) ? null : true));
}

test('a restart leaves keeper and agents: text that streams meanwhile is all there, once', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:stream n=400 rate=400');
  await host.until(sessionId, (state) => state.lastSeq > 50);
  const before = await host.client.call('host.status', {});
  await end('restart');
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
  for (const how of ['restart', 'crash'] as const) {
    await end(how);
    expect(await eventually(page)).toBe(true);
    await host.connect();
  }
});

test('the host is killed over each decision: sent again to the next one, each is decided and delivered once', async () => {
  const sessionId = await host.start('quick', `SCRIPT:approve n=${APPROVALS}`);
  const seen = new Set<string>();
  for (let n = 0; n < APPROVALS; n += 1) {
    const approval = await eventually(async () => {
      const { approvals } = await host.state(sessionId);
      return approvals.find((each) => !seen.has(each.id)) ?? null;
    });
    seen.add(approval.id);
    const decision = decisionOn(approval);
    // Nobody waits for this answer: the host may die before, over or after it.
    const unanswered = host.client.call('approval.decide', decision).catch(() => null);
    await end('crash');
    await unanswered;
    await host.connect();
    const { outcome } = await host.client.call('approval.decide', decision);
    expect(outcome).toBe('decided');
  }
  expect((await host.turnEnded(sessionId)).turn?.outcome).toBe('completed');
  const events = await host.events(sessionId);
  const count = (type: string) => events.filter((event) => event.type === type).length;
  expect({
    opened: count('approval.opened'),
    decided: count('approval.decided'),
    delivered: count('approval.delivered'),
    started: count('agent.started'),
    seqs: events.map((event) => event.seq),
  }).toEqual({
    opened: APPROVALS,
    decided: APPROVALS,
    delivered: APPROVALS,
    started: 1,
    seqs: events.map((_, index) => index + 1),
  });
});

function decisionOn({ id, hash }: Approval) {
  return { commandId: newCommandId(), approvalId: id, hash, choice: { allow: true } };
}

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

async function kill(): Promise<void> {
  const { pid } = await host.client.call('host.status', {});
  process.kill(pid, 'SIGKILL');
  await eventually(async () => (isAlive(pid) ? null : true));
}

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
    await kill();
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

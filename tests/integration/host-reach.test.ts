import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { Reach } from '../../src/protocol/reach.ts';
import { HostUnderTest, isAlive, newCommandId } from './support/host-under-test.ts';

const host = new HostUnderTest();
const stopped = new Set<number>();

beforeAll(async () => {
  await host.connect();
});
afterAll(async () => {
  for (const pid of stopped)
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It was ended, as it should be.
    }
  await host.stop();
});

async function probe(): Promise<Reach> {
  return (await host.client.call('reach.probe', {})).reach;
}

function row(reach: Reach, id: SessionId): Reach['sessions'][number] | undefined {
  return reach.sessions.find((each) => each.id === id);
}

/** Of the agent's first process, as the keeper noted it. */
async function pidOf(sessionId: SessionId): Promise<number> {
  const { instance } = await host.state(sessionId);
  for (const line of readFileSync(join(host.home.logs, 'keeper.log'), 'utf8').split('\n')) {
    const noted = line === '' ? null : (JSON.parse(line) as { instance?: string; pid?: number });
    if (noted?.pid !== undefined && noted.instance === instance) return noted.pid;
  }
  throw new Error(
    `The keeper has noted no process of ${instance ?? 'a session without an agent'}.`,
  );
}

async function restart(sessionId: SessionId): Promise<string> {
  const params = { commandId: newCommandId(), sessionId };
  return (await host.client.call('session.restart', params, 60_000)).state;
}

test('each leg is asked: the relay where there is one, the agents, what brings the host back', async () => {
  const sessionId = await host.start('demo');
  const reach = await probe();
  expect(reach).toMatchObject({
    relay: { url: null, ok: false, ms: null, problem: null },
    devices: [],
    service: { installed: false, kind: 'systemd' },
  });
  expect(row(reach, sessionId)).toMatchObject({
    agent: 'demo',
    state: 'idle',
    pulse: { pulse: 'idle' },
    ms: expect.any(Number) as number,
  });
});

test('an agent whose process stands still is said to hang; restarted it is back, its turn cut short', async () => {
  const sessionId = await host.start('demo', 'SCRIPT:hang');
  await host.until(
    sessionId,
    ({ state, heardAt, createdAt }) => state === 'working' && heardAt > createdAt,
  );
  const before = await host.state(sessionId);
  const pid = await pidOf(sessionId);
  process.kill(pid, 'SIGSTOP');
  stopped.add(pid);
  expect(row(await probe(), sessionId)).toMatchObject({ pulse: { pulse: 'hangs' }, ms: null });

  expect(await restart(sessionId)).toBe('idle');
  const after = await host.state(sessionId);
  expect(after).toMatchObject({
    state: 'idle',
    agentSession: before.agentSession,
    turn: { turn: 1, outcome: 'interrupted' },
    problem: null,
  });
  expect(after.instance).not.toBe(before.instance);
  expect(isAlive(pid)).toBe(false);
  await host.send(sessionId, 'SCRIPT:recall');
  await host.turnEnded(sessionId, 2);
  const reach = await probe();
  expect(row(reach, sessionId)).toMatchObject({ pulse: { pulse: 'idle' } });
  expect(row(reach, sessionId)?.ms).not.toBeNull();
}, 90_000);

test('restarted twice at once, it is restarted once; a session without an agent is brought back', async () => {
  const sessionId = await host.start('demo');
  const params = { commandId: newCommandId(), sessionId };
  const both = await Promise.all([
    host.client.call('session.restart', params, 60_000),
    host.client.call('session.restart', params, 60_000),
  ]);
  expect(both).toEqual([{ state: 'idle' }, { state: 'idle' }]);
  await host.client.call('session.stop', { commandId: newCommandId(), sessionId });
  expect(row(await probe(), sessionId)).toMatchObject({ pulse: { pulse: 'gone' }, ms: null });
  expect(await restart(sessionId)).toBe('idle');
  expect(row(await probe(), sessionId)).toMatchObject({ pulse: { pulse: 'idle' } });
}, 60_000);

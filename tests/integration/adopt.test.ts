import { randomUUID } from 'node:crypto';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SessionId } from '../../src/protocol/ids.ts';
import { Driver } from './demo-agent/driver.ts';
import { eventually, HostUnderTest, isAlive, newCommandId } from './support/host-under-test.ts';

const LIMIT_MS = 60_000;
const host = new HostUnderTest();
const workspace = realpathSync(host.workspace);
const conversationFolder = join(host.home.root, 'demo');

beforeAll(async () => {
  await host.connect();
});
afterAll(async () => {
  await host.stop();
});

const adopt = async (agentSession: string, commandId = newCommandId()) =>
  await host.client.call(
    'session.adopt',
    { commandId, agent: 'demo', agentSession, share: true },
    LIMIT_MS,
  );
const list = async () =>
  (await host.client.call('agents.conversations', { agent: 'demo' }, LIMIT_MS)).conversations;
const said = async (id: SessionId, type: 'user.text' | 'agent.text') =>
  (await host.events(id)).flatMap((event) => (event.type === type ? [event.text] : []));

/** As the demo agent keeps them: `messages` of 64 KiB, each with its number. */
function writeLong(messages: number): string {
  const sessionId = randomUUID();
  const entries = Array.from({ length: messages }, (_, n) => ({
    say: n % 2 === 0 ? 'user' : 'agent',
    messageId: `m${n}`,
    text: `${n}: ${'long '.repeat(13_000)}`,
  }));
  const updatedAt = new Date().toISOString();
  const conversation = {
    sessionId,
    cwd: workspace,
    title: 'A long one',
    model: 'lantern',
    updatedAt,
    entries,
  };
  mkdirSync(conversationFolder, { recursive: true });
  writeFileSync(join(conversationFolder, `${sessionId}.json`), JSON.stringify(conversation));
  return sessionId;
}

const numbers = (texts: readonly string[]) => texts.map((text) => Number.parseInt(text, 10));
const everyOther = (from: number, to: number) =>
  Array.from({ length: (to - from) / 2 }, (_, i) => from + 2 * i);

test('a conversation begun without a host goes on here, and its agent remembers it', async () => {
  const terminal = new Driver({ args: ['--state', conversationFolder] });
  const agentSession = await terminal.start(workspace);
  await terminal.prompt(agentSession, 'SCRIPT:approve n=2');
  terminal.child.stdin?.end();
  await terminal.exited();
  expect((await list()).map(({ sessionId }) => sessionId)).toEqual([null]);
  const { sessionId } = await adopt(agentSession);
  const events = await host.events(sessionId);
  expect(
    events.flatMap((event): unknown[] => {
      if (event.type === 'user.text' || event.type === 'agent.text') return [event.text];
      return event.type === 'tool.updated' ? [event.status] : [];
    }),
  ).toEqual(['SCRIPT:approve n=2', 'completed', 'completed', 'Decisions: allowed, allowed.']);
  await host.send(sessionId, 'SCRIPT:recall');
  await host.turnEnded(sessionId);
  expect((await said(sessionId, 'agent.text')).at(-1)).toContain('You have sent 2 prompts');
});

test('5 MB of history are there whole within seconds', async () => {
  const startedAt = Date.now();
  const { sessionId } = await adopt(writeLong(80));
  expect(Date.now() - startedAt).toBeLessThan(20_000);
  expect(numbers(await said(sessionId, 'user.text'))).toEqual(everyOther(0, 80));
  expect(numbers(await said(sessionId, 'agent.text'))).toEqual(everyOther(1, 81));
});

test('the host is killed while the history is told: it is there once all the same, and one process has it', async () => {
  const before = new Set((await host.client.call('session.list', {})).sessions.map(({ id }) => id));
  const commandId = newCommandId();
  const agentSession = writeLong(200);
  const unanswered = adopt(agentSession, commandId).catch(() => null);
  const id = await eventually(async () => {
    const { sessions } = await host.client.call('session.list', {});
    return sessions.find((each) => !before.has(each.id))?.id ?? null;
  });
  const { pid } = await host.client.call('host.status', {});
  process.kill(pid, 'SIGKILL');
  await unanswered;
  await eventually(async () => (isAlive(pid) ? null : true));
  await host.connect();
  expect(await adopt(agentSession, commandId)).toEqual({ sessionId: id });
  expect(await host.state(id)).toMatchObject({ state: 'idle', mode: 'ask' });
  expect(numbers(await said(id, 'user.text'))).toEqual(everyOther(0, 200));
  const types = (await host.events(id)).map(({ type }) => type);
  expect(types.filter((type) => type === 'agent.started')).toHaveLength(1);
  expect((await list()).find((each) => each.agentSession === agentSession)?.sessionId).toBe(id);
});

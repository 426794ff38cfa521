import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reduce } from '../../src/protocol/session/reduce.ts';
import type { SessionState } from '../../src/protocol/session/state.ts';
import { firstChoices } from './support/first-choices.ts';
import {
  dist,
  eventually,
  HostUnderTest,
  isAlive,
  newCommandId,
  text,
} from './support/host-under-test.ts';
import { isRunning, processesOfInstance, runningProcesses } from './support/processes.ts';

/** The demo agent, faster than a person would watch it. */
const fast = {
  agents: {
    quick: {
      command: process.execPath,
      args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
    },
  },
};
const host = new HostUnderTest(fast);

beforeAll(async () => {
  await host.connect();
});
afterAll(async () => {
  await host.stop();
});

test('the demo agent does its task with three approvals and a question', async () => {
  const sessionId = await host.start('quick', 'Write slugify.');
  const decided: string[] = [];
  await eventually(async () => {
    const state = await host.state(sessionId);
    for (const approval of state.approvals) {
      if (approval.kind === 'question') {
        const answer = { content: firstChoices(approval.call.input) };
        await host.client.call('approval.answer', {
          commandId: newCommandId(),
          approvalId: approval.id,
          hash: approval.hash,
          answer,
        });
      } else expect(await host.allow(approval)).toBe('decided');
      decided.push(approval.kind);
    }
    return state.turn !== null && state.turn.endedAt !== null ? true : null;
  }, 30_000);
  expect(decided).toEqual(['edit', 'execute', 'question', 'edit']);
  expect((await host.state(sessionId)).turn?.outcome).toBe('completed');
  expect(readFileSync(join(host.workspace, 'slugify.mjs'), 'utf8')).toContain('slugify');

  const events = await host.events(sessionId);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  const folded = events.reduce<SessionState | null>((state, event) => reduce(state, event), null);
  expect(folded).toEqual(await host.state(sessionId));
});

test('a refusal reaches the agent, and its reason follows as a prompt', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:edit path=denied.txt text=x');
  const approval = await host.approval(sessionId);
  await host.client.call('approval.decide', {
    commandId: newCommandId(),
    approvalId: approval.id,
    hash: approval.hash,
    choice: { allow: false },
    reason: 'not this file',
  });
  await host.until(sessionId, (state) => state.turn?.turn === 2);
  expect(() => readFileSync(join(host.workspace, 'denied.txt'))).toThrow();
  const prompts = (await host.events(sessionId)).filter((event) => event.type === 'prompt.queued');
  expect(prompts.at(-1)?.prompt).toEqual([
    { type: 'text', text: `I denied "${approval.title}": not this file` },
  ]);
});

test('a decision is taken once: the second is superseded, a wrong hash is not this call, an unknown id is an error', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:approve n=1');
  const approval = await host.approval(sessionId);
  expect(await host.allow({ ...approval, hash: '0'.repeat(64) })).toBe('notThisCall');
  const both = await Promise.all([host.allow(approval, true), host.allow(approval, false)]);
  expect(both.sort()).toEqual(['decided', 'superseded']);
  expect(await host.allow(approval)).toBe('superseded');
  // An id of the right form that never was.
  const unknown = { ...approval, id: 'a_000000000000' as typeof approval.id };
  await expect(host.allow(unknown)).rejects.toThrow('There is no approval a_000000000000');
  await host.turnEnded(sessionId);
});

test('the same command twice does its work once', async () => {
  const commandId = newCommandId();
  const start = async () =>
    await host.client.call(
      'session.start',
      {
        commandId,
        agent: 'quick',
        cwd: host.workspace,
        share: true,
        prompt: text('SCRIPT:stream n=3 rate=1000'),
      },
      30_000,
    );
  const [first, second] = [await start(), await start()];
  expect(second).toEqual(first);
  await host.turnEnded(first.sessionId);
});

test('prompts wait their turn, can be taken back, and a cancel ends only the running one', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:hang cancel=ok');
  await host.until(sessionId, (state) => state.state === 'working');
  await host.send(sessionId, 'SCRIPT:stream n=1 rate=1000');
  const dropped = newCommandId();
  await host.client.call('session.send', { sessionId, commandId: dropped, prompt: text('never') });
  await host.client.call('session.unqueue', {
    sessionId,
    commandId: newCommandId(),
    prompt: dropped,
  });
  await host.client.call('session.cancel', { sessionId, commandId: newCommandId() });
  const state = await host.turnEnded(sessionId, 2);
  expect(state.queue).toEqual([]);
  const { turns } = await host.client.call('session.show', { sessionId });
  expect(turns.map((turn) => turn.outcome)).toEqual(['cancelled', 'completed']);
});

test('the host is killed while an approval is open: it is back, the same agent runs on, the answer arrives once', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:shell cmd="echo once >> ran.txt"');
  const approval = await host.approval(sessionId);
  const before = await host.client.call('host.status', {});
  const { instance } = await host.state(sessionId);
  process.kill(before.pid, 'SIGKILL');
  await eventually(async () => (isAlive(before.pid) ? null : true));
  await host.connect();
  const after = await host.client.call('host.status', {});
  expect(after.pid).not.toBe(before.pid);
  expect(after.keeperPid).toBe(before.keeperPid);
  const state = await host.state(sessionId);
  expect({ instance: state.instance, open: state.approvals.map((each) => each.id) }).toEqual({
    instance,
    open: [approval.id],
  });
  expect(await host.allow(approval)).toBe('decided');
  await host.turnEnded(sessionId);
  expect(readFileSync(join(host.workspace, 'ran.txt'), 'utf8')).toBe('once\n');
  const events = await host.events(sessionId);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
});

test('the host is killed while text streams: every chunk is there once', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:stream n=400 rate=400');
  await host.until(sessionId, (state) => state.lastSeq > 50);
  const { pid } = await host.client.call('host.status', {});
  process.kill(pid, 'SIGKILL');
  await eventually(async () => (isAlive(pid) ? null : true));
  await host.connect();
  await host.turnEnded(sessionId, 1, 30_000);
  const chunks = (await host.events(sessionId)).filter((event) => event.type === 'agent.text');
  expect(chunks).toHaveLength(400);
  expect(new Set(chunks.map((event) => event.text)).size).toBe(400);
});

test('mode, title, stop, resume and archive are kept and shown', async () => {
  const sessionId = await host.start('quick');
  const sameSession = { sessionId, commandId: newCommandId() };
  expect(
    await host.client.call('session.setMode', {
      ...sameSession,
      mode: 'edits',
      raise: true,
    }),
  ).toEqual({
    mode: 'edits',
    version: 2,
  });
  await host.client.call('session.rename', { sessionId, commandId: newCommandId(), title: 'Mine' });
  expect(await host.client.call('session.stop', { sessionId, commandId: newCommandId() })).toEqual({
    state: 'ended',
  });
  await eventually(async () =>
    (await host.events(sessionId)).some((event) => event.type === 'session.ended') ? true : null,
  );
  await host.client.call('session.resume', { sessionId, commandId: newCommandId() }, 60_000);
  const state = await host.state(sessionId);
  expect({ state: state.state, mode: state.mode, title: state.title }).toEqual({
    state: 'idle',
    mode: 'edits',
    title: 'Mine',
  });
  await host.client.call('session.archive', { sessionId, commandId: newCommandId() });
  const { sessions } = await host.client.call('session.list', {});
  expect(sessions.some((each) => each.id === sessionId)).toBe(false);
});

test('an idle agent that is killed comes back with the next prompt', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:stream n=1 rate=100');
  await host.turnEnded(sessionId);
  await host.send(sessionId, 'SCRIPT:sigkill');
  const cut = await host.turnEnded(sessionId, 2);
  expect({ outcome: cut.turn?.outcome, state: cut.state }).toEqual({
    outcome: 'interrupted',
    state: 'idle',
  });
  await host.send(sessionId, 'SCRIPT:stream n=1 rate=100');
  expect((await host.turnEnded(sessionId, 3)).turn?.outcome).toBe('completed');
});

test('nothing is left after the host is told to stop', async () => {
  const sessionId = await host.start('quick', 'SCRIPT:child');
  await host.turnEnded(sessionId);
  const { keeperPid, pid } = await host.client.call('host.status', {});
  const { session } = await host.client.call('session.show', { sessionId });
  const agents = processesOfInstance(session.instance ?? '');
  expect(agents.some(({ command }) => command.includes('sleep 600'))).toBe(true);
  await host.client.call('host.stop', { all: true });
  await eventually(async () => (isAlive(pid) || isAlive(keeperPid) ? null : true));
  const left = runningProcesses().filter(({ command }) => command.includes(host.home.root));
  expect([...agents.filter(isRunning), ...left]).toEqual([]);
});

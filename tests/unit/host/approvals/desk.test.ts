import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Approval } from '../../../../src/protocol/approval/approval.ts';
import type { ApprovalId, SessionId } from '../../../../src/protocol/ids.ts';
import { KeeperRefusal } from '../../../../src/host/keeper-link/agent-pipes.ts';
import { MemoryKeeper, type MemoryPipes } from '../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent } from '../../../fakes/scripted-agent.ts';
import { eventually, HostCore, newCommandId, local } from '../support/host-core.ts';

const form = {
  type: 'object',
  properties: { colour: { type: 'string' } },
  required: ['colour'],
};
let scripted: ScriptedAgent;
let core: HostCore;
let pipes: MemoryPipes;
let id: SessionId;

async function approvalOf(asks: 'permission' | 'question', title = 'make'): Promise<Approval> {
  scripted.handlers['session/prompt'] = (process, { params }) => {
    const sessionId = String(params?.sessionId);
    if (asks === 'permission') process.ask(sessionId, title);
    else
      process.say({
        id: 5,
        method: 'elicitation/create',
        params: { sessionId, mode: 'form', message: 'Which?', requestedSchema: form },
      });
    return SILENCE;
  };
  id = await core.start('work');
  return await core.approval(id);
}
const decide = async (approval: Approval, more: object = {}) =>
  await core.desk.decide(
    {
      approvalId: approval.id,
      commandId: newCommandId(),
      hash: approval.hash,
      choice: { allow: true },
      ...more,
    },
    local,
  );
const answer = async (approval: Approval, content: Record<string, unknown>) =>
  await core.desk.answer(
    {
      approvalId: approval.id,
      commandId: newCommandId(),
      hash: approval.hash,
      answer: { content },
    },
    local,
  );

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  scripted = new ScriptedAgent();
  pipes = new MemoryKeeper({ scripted: scripted.agent }).connect();
  core = new HostCore({ pipes });
});
afterEach(() => {
  core.close();
  vi.useRealTimers();
});

test('a decision reaches the agent once, is noted as delivered, and answers so', async () => {
  const approval = await approvalOf('permission');
  expect(await decide(approval)).toEqual({ outcome: 'decided', receipt: 'delivered' });
  expect(scripted.count('yes')).toBe(1);
  expect(core.types(id).slice(-2)).toEqual(['approval.decided', 'approval.delivered']);
});

test('the first of two wins; the same command again gets its own answer, not a second decision', async () => {
  const approval = await approvalOf('permission');
  const commandId = newCommandId();
  const results = await Promise.all([
    decide(approval, { commandId }),
    decide(approval, { choice: { allow: false } }),
    decide(approval, { commandId }),
  ]);
  expect(results.map(({ outcome }) => outcome)).toEqual(['decided', 'superseded', 'decided']);
  expect([scripted.count('yes'), scripted.count('no')]).toEqual([1, 0]);
});

test('sent again before the agent has it, it answers with the receipt that it waits for', async () => {
  const approval = await approvalOf('permission');
  const write = pipes.write.bind(pipes);
  let isBusy = true;
  pipes.write = async (instance, n, line) => {
    if (isBusy) throw new KeeperRefusal('busy', 'does not read');
    return await write(instance, n, line);
  };
  const commandId = newCommandId();
  const first = decide(approval, { commandId });
  await vi.advanceTimersByTimeAsync(5_000);
  const second = decide(approval, { commandId });
  isBusy = false;
  await vi.advanceTimersByTimeAsync(1_000);
  const third = decide(approval, { commandId });
  const receipts = (await Promise.all([first, second, third])).map(({ receipt }) => receipt);
  expect(receipts).toEqual(['decided', 'delivered', 'delivered']);
});

test('a hash of another call decides nothing; an unknown approval is an error', async () => {
  const approval = await approvalOf('permission');
  expect(await decide({ ...approval, hash: '0'.repeat(64) })).toEqual({
    outcome: 'notThisCall',
    receipt: null,
  });
  await expect(decide({ ...approval, id: 'a_000000000000' as ApprovalId })).rejects.toThrow(
    'There is no approval a_000000000000',
  );
  expect(core.desk.open(id)).toEqual([approval]);
});

test('an option that the agent does not offer is refused with those it does', async () => {
  const approval = await approvalOf('permission');
  await expect(decide(approval, { choice: { optionId: 'always' } })).rejects.toThrow(
    /does not offer always.*it offers yes, no/,
  );
});

test('why it was refused follows as a prompt, however long the title is', async () => {
  const approval = await approvalOf('permission', 'x'.repeat(100_000));
  await decide(approval, { choice: { allow: false }, reason: ' not now ' });
  const [queued] = core.state(id).queue;
  expect(queued?.prompt).toEqual([
    { type: 'text', text: `I denied "${'x'.repeat(200)}…": not now` },
  ]);
});

test('why it was refused goes before what waited already', async () => {
  const approval = await approvalOf('permission');
  core.send(id, 'then push it');
  await decide(approval, { choice: { allow: false }, reason: 'not now' });
  expect(core.state(id).queue.map(({ prompt }) => prompt[0])).toMatchObject([
    { text: expect.stringContaining('not now') },
    { text: 'then push it' },
  ]);
});

test('a question takes an answer of its form and no decision, a call the other way round', async () => {
  const question = await approvalOf('question');
  await expect(decide(question)).rejects.toThrow('is a question');
  await expect(answer(question, {})).rejects.toThrow('"colour" is missing');
  expect(await answer(question, { colour: 'red' })).toEqual({
    outcome: 'decided',
    receipt: 'delivered',
  });
  const said = await eventually(() => scripted.processes[0]?.heard.at(-1) ?? null);
  expect(said.result).toEqual({ action: 'accept', content: { colour: 'red' } });
  const call = await approvalOf('permission');
  await expect(answer(call, { colour: 'red' })).rejects.toThrow('is not a question');
});

test('what was closed without a decision is superseded, not unknown', async () => {
  const approval = await approvalOf('permission');
  core.sessions.stop(id, newCommandId(), 'test');
  expect(await decide(approval)).toEqual({ outcome: 'superseded', receipt: null });
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { DeskParts } from '../../../../src/host/approvals/compose-desk.ts';
import { withoutRules } from '../../../fakes/desk-without-rules.ts';
import type { Judgement } from '../../../../src/host/policy/policy.ts';
import type { SessionEvent } from '../../../../src/protocol/session/events.ts';
import type { RuleRef } from '../../../../src/protocol/rules/rule-ref.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import {
  SILENCE,
  ScriptedAgent,
  type Heard,
  type ScriptedProcess,
} from '../../../fakes/scripted-agent.ts';
import { HostCore, local, newCommandId } from '../support/host-core.ts';

const rule: RuleRef = { source: 'user', id: 'r1', text: 'allow command "make"' };
const judged = (more: Partial<Judgement>): Judgement => ({
  decision: 'ask',
  rule: null,
  counted: false,
  risk: { level: 'low', marks: [] },
  asks: null,
  fresh: false,
  ...more,
});

let scripted: ScriptedAgent;
let core: HostCore;
let judgement: Judgement;
const used = vi.fn<DeskParts['rules']['used']>();
const noted = vi.fn<DeskParts['audit']['append']>();
const save = vi.fn<DeskParts['rules']['save']>();

function host(more: Partial<DeskParts> = {}): void {
  core = new HostCore({
    pipes: new MemoryKeeper({ scripted: scripted.agent }).connect(),
    approvals: {
      policy: { judge: () => judgement },
      rules: { used, save },
      audit: { ...withoutRules.audit, append: noted },
      ...more,
    },
  });
}
function asks(ask: (process: ScriptedProcess, agentSession: string) => void): void {
  scripted.handlers['session/prompt'] = (process, { params }) => {
    ask(process, String(params?.sessionId));
    return SILENCE;
  };
}
const about = (events: readonly SessionEvent[]) =>
  events
    .filter(({ type }) => type.startsWith('approval.'))
    .map(({ seq: _, at: __, ...rest }) => rest);
const withOptions = (kind: string, options: readonly string[]) =>
  asks((process, sessionId) =>
    process.say({
      id: 9,
      method: 'session/request_permission',
      params: {
        sessionId,
        toolCall: { toolCallId: 'call', kind, title: 'make', rawInput: { command: 'make' } },
        options: options.map((each) => ({ optionId: each, name: each, kind: each })),
      },
    }),
  );

beforeEach(() => {
  vi.clearAllMocks();
  scripted = new ScriptedAgent();
  judgement = judged({});
  asks((process, sessionId) => process.ask(sessionId, 'make'));
});
afterEach(() => core.close());

test.each([
  ['allow', 'yes', true],
  ['deny', 'no', false],
] as const)(
  'a rule that says %s decides as it opens, and is named',
  async (decision, optionId, allowed) => {
    judgement = judged({ decision, rule });
    host();
    const id = await core.start('work');
    await core.until(id, () => core.types(id).includes('approval.delivered'));
    expect(about(core.events(id))).toEqual([
      { type: 'approval.opened', approval: expect.objectContaining({ expiresAt: null }) },
      {
        type: 'approval.decided',
        approvalId: expect.any(String),
        optionId,
        allowed,
        by: 'host',
        rule,
      },
      { type: 'approval.delivered', approvalId: expect.any(String) },
    ]);
    expect([scripted.count(optionId), used.mock.calls.length]).toEqual([1, 0]);
    expect(noted.mock.calls.map(([, note]) => note)).toMatchObject([
      { kind: 'decided', who: { surface: 'host' }, what: { allowed, rule } },
    ]);
  },
);

test('a grant that ends after so many calls is counted with the call it allowed', async () => {
  judgement = judged({ decision: 'allow', rule, counted: true });
  host();
  const id = await core.start('work');
  await core.until(id, () => scripted.count('yes') === 1);
  expect(used.mock.calls.map(([, ruleId]) => ruleId)).toEqual(['r1']);
});

test.each([
  ['a rule allows and the agent offers no allow_once', 'execute', ['allow_always', 'reject_once']],
  ['it is about leaving the planning', 'switch_mode', ['allow_once', 'reject_once']],
])('a person is asked where %s', async (_, kind, options) => {
  judgement = judged({ decision: 'allow', rule, counted: true });
  withOptions(kind, options);
  host();
  const approval = await core.approval(await core.start('work'));
  expect(approval).toMatchObject({ kind, asks: { because: 'noRule' } });
  expect([used.mock.calls.length, scripted.count('allow_once')]).toEqual([0, 0]);
});

test('a question is asked of nobody but people', async () => {
  judgement = judged({ decision: 'deny', rule });
  asks((process, sessionId) =>
    process.say({
      id: 5,
      method: 'elicitation/create',
      params: { sessionId, mode: 'form', message: 'Which?', requestedSchema: { type: 'object' } },
    }),
  );
  host();
  expect(await core.approval(await core.start('work'))).toMatchObject({
    asks: { because: 'question' },
    decider: { role: 'approver', fresh: false },
  });
});

test('what opens says where, by whom, how risky, why a person is asked, and until when', async () => {
  const risk = { level: 'high', marks: [{ kind: 'deletes', about: 'build' }] } as const;
  judgement = judged({
    risk: { ...risk, marks: [...risk.marks] },
    asks: { because: 'rule', rule },
    fresh: true,
  });
  host({ settings: () => ({ patienceMs: 60_000, onExpiry: 'deny' }) });
  const { createdAt, expiresAt, ...rest } = await core.approval(await core.start('work'));
  expect(rest).toMatchObject({
    agent: 'scripted',
    cwd: core.folder,
    mode: 'ask',
    risk,
    asks: { because: 'rule', rule },
    decider: { role: 'approver', fresh: true },
    onExpiry: 'deny',
  });
  expect(Date.parse(expiresAt ?? '') - Date.parse(createdAt)).toBe(60_000);
});

test('a changed call is refused, asked for as a prompt, and known again when it comes', async () => {
  host();
  const id = await core.start('work');
  const approval = await core.approval(id);
  const edited = { command: 'make test' };
  const decide = { commandId: newCommandId(), approvalId: approval.id, hash: approval.hash };
  await core.desk.decide({ ...decide, choice: { allow: false }, reason: 'not all', edited }, local);
  const [queued] = core.state(id).queue;
  expect(queued?.prompt).toEqual([
    {
      type: 'text',
      text: 'I denied "make". not all Make exactly this call instead, with this input and nothing else:\n```json\n{\n  "command": "make test"\n}\n```',
    },
  ]);
  const [process] = scripted.processes;
  process?.ask('agent-session-1', 'make all');
  process?.ask('agent-session-1', 'make test');
  process?.ask('agent-session-1', 'make test');
  const { approvals } = await core.until(id, (state) => state.approvals.length === 3);
  expect(approvals.map(({ why }) => why)).toEqual([
    undefined,
    'This is exactly the call as you changed it.',
    undefined,
  ]);
  expect(core.events(id).find(({ type }) => type === 'approval.decided')).toMatchObject({ edited });
});

test('a changed call does not go with an approval of the one that was asked for', async () => {
  host();
  const approval = await core.approval(await core.start('work'));
  const decide = { commandId: newCommandId(), approvalId: approval.id, hash: approval.hash };
  await expect(
    core.desk.decide({ ...decide, choice: { allow: true }, edited: {} }, local),
  ).rejects.toThrow('goes with a refusal');
  expect(core.desk.open()).toHaveLength(1);
});

test('a rule is saved with the decision, once; where it cannot be, the decision counts and says so', async () => {
  host();
  const id = await core.start('work');
  const approval = await core.approval(id);
  const always = { decision: 'allow' as const, command: 'make' };
  const commandId = newCommandId();
  const decide = { commandId, approvalId: approval.id, hash: approval.hash, rule: always };
  save.mockRejectedValueOnce(new Error('rules.json is damaged.'));
  expect(await core.desk.decide({ ...decide, choice: { allow: true } }, local)).toEqual({
    outcome: 'decided',
    receipt: 'delivered',
    problem: 'It was decided, but the rule was not saved: rules.json is damaged.',
  });
  await core.desk.decide({ ...decide, choice: { allow: true } }, local);
  const late = { ...decide, commandId: newCommandId(), choice: { allow: true } };
  expect(await core.desk.decide(late, local)).toMatchObject({ outcome: 'superseded' });
  expect(save.mock.calls.map(([saved]) => saved)).toEqual([always]);
});

test.each([
  ['completed', false],
  ['failed', true],
] as const)(
  'a call that is %s after it was allowed has finished, once, after its delivery',
  async (status, failed) => {
    asks((process, sessionId) =>
      process.ask(sessionId, 'make', () => {
        for (const _ of [1, 2])
          process.update(sessionId, {
            sessionUpdate: 'tool_call_update',
            toolCallId: 'call-0',
            status,
          });
      }),
    );
    host();
    const id = await core.start('work');
    await core.allow(await core.approval(id));
    await core.until(id, () => core.types(id).includes('approval.finished'));
    expect(about(core.events(id)).slice(1)).toMatchObject([
      { type: 'approval.decided' },
      { type: 'approval.delivered' },
      { type: 'approval.finished', failed },
    ]);
  },
);

test.each<[string, (process: ScriptedProcess, prompt: Heard) => void]>([
  ['the turn ends', (process, prompt) => process.answer(prompt, { stopReason: 'end_turn' })],
  ['the agent goes', (process) => process.io.exit(1)],
])('what was allowed and is not over has failed when %s', async (_, end) => {
  host();
  const id = await core.start('work');
  await core.allow(await core.approval(id));
  const [process] = scripted.processes;
  const prompt = process?.heard.find(({ method }) => method === 'session/prompt');
  if (process === undefined || prompt === undefined) throw new Error('no prompt');
  end(process, prompt);
  await core.turnEnded(id);
  expect(about(core.events(id)).slice(1)).toMatchObject([
    { type: 'approval.decided' },
    { type: 'approval.delivered' },
    { type: 'approval.finished', failed: true },
  ]);
  expect(core.state(id).allowed).toEqual([]);
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Approval } from '../../../../src/protocol/approval/approval.ts';
import { approvalSchema } from '../../../../src/protocol/approval/approval.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { CliBench } from '../run-cli.ts';

const HASH = 'ab'.repeat(32);
const COMMAND = '01920000-0000-7000-8000-000000000001';

let bench: CliBench;
let approval: Approval;
beforeEach(async () => {
  bench = new CliBench();
  await bench.up();
  approval = open({});
});
afterEach(async () => await bench.down());

function open(given: Partial<Approval>): Approval {
  const opened = approvalSchema.parse({
    id: bench.host.newId('a'),
    sessionId: bench.host.addSession(),
    kind: 'execute',
    title: 'Run the tests',
    hash: HASH,
    call: { tool: 'Bash', input: { command: 'npm test' }, locations: [], diff: [] },
    options: [
      { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
      { optionId: 'ever', name: 'Always', kind: 'allow_always' },
      { optionId: 'no', name: 'No', kind: 'reject_once' },
    ],
    createdAt: '2026-11-21T08:00:30.000Z',
    expiresAt: null,
    why: 'to see',
    toolCallId: 't',
    ...given,
  });
  bench.host.append(opened.sessionId, { type: 'approval.opened', approval: opened });
  return opened;
}

const lastCall = () => bench.host.calls.at(-1);

describe('approvals', () => {
  it('are the open ones, with the fields of the contract', async () => {
    const { toolCallId: _, ...row } = approval;
    expect(await bench.json('approvals')).toEqual({ code: 0, value: [row], stderr: '' });
  });

  it('are an empty array when nothing is open in that session', async () => {
    expect(await bench.json('approvals', '--session', bench.host.addSession())).toEqual({
      code: 0,
      value: [],
      stderr: '',
    });
  });

  it('show a long command whole', async () => {
    const command = `echo ${'long '.repeat(2_000)}end`;
    open({ call: { tool: 'Bash', input: { command }, locations: [], diff: [] } });
    expect((await bench.run(['approvals'], { columns: 80 })).stdout).toContain(command);
  });
});

describe('approve', () => {
  it("allows once by the call's hash and tells the receipt", async () => {
    expect(await bench.json('approve', approval.id)).toEqual({
      code: 0,
      value: { outcome: 'decided', receipt: 'delivered' },
      stderr: '',
    });
    expect(lastCall()).toEqual({
      method: 'approval.decide',
      params: { approvalId: approval.id, hash: HASH, commandId: COMMAND, choice: { allow: true } },
    });
  });

  const proposes = (id: string) =>
    bench.host.standing.proposals.set(id, [
      {
        rule: { decision: 'allow', command: 'npm test' },
        text: 'allow "npm test"',
        means: 'Runs.',
      },
      { rule: { decision: 'allow', command: 'npm' }, text: 'allow "npm"', means: 'Much.' },
    ]);

  it.each([
    [['--always'], {}, 'From now on: allow "npm test". Runs.\n'],
    [
      ['--for', '2h', '--uses', '3'],
      {
        until: '2026-11-21T10:01:00.000Z',
        uses: 3,
        madeAt: '2026-11-21T08:01:00.000Z',
      },
      'From now on: allow "npm test", until 2026-11-21T10:01:00.000Z, 3 times. Runs.\n',
    ],
  ])("%j saves the narrowest rule, never the agent's own", async (options, grant, stderr) => {
    proposes(approval.id);
    const told = await bench.json('approve', approval.id, ...options);
    expect(told).toEqual({ code: 0, value: { outcome: 'decided', receipt: 'delivered' }, stderr });
    expect(lastCall()?.params).toEqual({
      approvalId: approval.id,
      hash: HASH,
      commandId: COMMAND,
      choice: { allow: true },
      rule: { decision: 'allow', command: 'npm test', ...grant },
    });
  });

  it('--always decides nothing where no rule would do', async () => {
    const { code, value, stderr } = await bench.json('approve', approval.id, '--always');
    expect([code, value, stderr.includes('No rule would'), lastCall()?.method]).toEqual([
      1,
      undefined,
      true,
      'rules.propose',
    ]);
  });

  it('says what was not done with a decision that counts', async () => {
    const problem = 'It was decided, but the rule was not saved: no room.';
    bench.host.decision = { outcome: 'decided', receipt: 'delivered', problem };
    expect(await bench.json('approve', approval.id)).toEqual({
      code: 0,
      value: { outcome: 'decided', receipt: 'delivered', problem },
      stderr: `${problem}\n`,
    });
  });

  it('decides several, each by its own hash, and exits 1 when one is not there', async () => {
    const second = open({ hash: 'cd'.repeat(32) });
    const { code, value, stderr } = await bench.json(
      ...['approve', approval.id, 'a_zzzzzzzzzzzz', second.id],
    );
    const decided = { outcome: 'decided', receipt: 'delivered' };
    expect([code, value, stderr.includes('a_zzzzzzzzzzzz')]).toEqual([
      1,
      [
        { id: approval.id, ...decided },
        { id: second.id, ...decided },
      ],
      true,
    ]);
    expect(lastCall()).toMatchObject({ params: { hash: second.hash } });
  });

  it.each(['superseded', 'expired', 'notAllowed', 'notThisCall'] as const)(
    'prints a lost decision (%s) and exits 1',
    async (outcome) => {
      bench.host.decision = { outcome, receipt: null };
      const { code, value, stderr } = await bench.json('approve', approval.id);
      expect([code, value, stderr.startsWith(approval.id)]).toEqual([
        1,
        { outcome, receipt: null },
        true,
      ]);
    },
  );

  it('prints a decision that lost before it was heard', async () => {
    bench.host.handlers['approval.decide'] = () => {
      throw new RpcFailure('superseded', 'It was decided by the window.', {
        outcome: 'superseded',
      });
    };
    expect(await bench.json('approve', approval.id)).toMatchObject({
      code: 1,
      value: { outcome: 'superseded', receipt: null },
    });
  });

  it.each(['a_zzzzzzzzzzzz', 'nonsense'])('exits 1 for %s, with nothing on stdout', async (id) => {
    expect(await bench.json('approve', id)).toMatchObject({ code: 1, value: undefined });
  });

  it('takes the beginning of an id from a person', async () => {
    expect(await bench.run(['approve', approval.id.slice(2)])).toEqual({
      code: 0,
      stdout: 'Allowed; the agent has it.\n',
      stderr: '',
    });
  });
});

describe('deny', () => {
  it('carries the reason', async () => {
    await bench.run(['deny', approval.id, '--reason', 'not now']);
    expect(lastCall()).toMatchObject({
      method: 'approval.decide',
      params: { choice: { allow: false }, reason: 'not now' },
    });
  });

  it('carries the input to call it with instead', async () => {
    await bench.run(['deny', approval.id, '--instead', '{"command":"npm ci"}']);
    expect(lastCall()).toMatchObject({
      params: { choice: { allow: false }, edited: { command: 'npm ci' } },
    });
    expect((await bench.run(['deny', approval.id, '--instead', '{'])).code).toBe(2);
  });

  it('declines a question', async () => {
    const { id } = open({ kind: 'question', options: [] });
    await bench.run(['deny', id]);
    expect(lastCall()).toMatchObject({
      method: 'approval.answer',
      params: { approvalId: id, hash: HASH, answer: { decline: true } },
    });
  });
});

describe('answer', () => {
  const question = () =>
    open({
      kind: 'question',
      title: 'Which colour?',
      options: [],
      call: {
        tool: '',
        input: {
          message: 'Which colour?',
          requestedSchema: {
            type: 'object',
            properties: { colour: { type: 'string', enum: ['red', 'blue'] } },
            required: ['colour'],
          },
        },
        locations: [],
        diff: [],
      },
    });

  it("sends the form's content", async () => {
    const { id } = question();
    expect(await bench.json('answer', id, '{"colour":"red"}')).toMatchObject({
      code: 0,
      value: { outcome: 'decided' },
    });
    expect(lastCall()).toMatchObject({
      method: 'approval.answer',
      params: { hash: HASH, answer: { content: { colour: 'red' } } },
    });
  });

  it('is explained in the list, with an example to copy', async () => {
    const { id } = question();
    const { stdout } = await bench.run([
      'approvals',
      '--session',
      bench.host.openApprovals().at(-1)?.sessionId ?? '',
    ]);
    expect(stdout).toBe(
      [
        `${id}  question  ${bench.host.openApprovals().at(-1)?.sessionId}  30 s ago`,
        '  Which colour?',
        '  to see',
        '  colour: red | blue; required',
        `  answer:  porchlight answer ${id} '{"colour":"red"}'`,
        `  decline: porchlight deny ${id}`,
        '',
      ].join('\n'),
    );
  });

  it('refuses to approve a question and to answer a call', async () => {
    const { id } = question();
    expect([
      (await bench.run(['approve', id])).code,
      (await bench.run(['answer', approval.id, '{}'])).code,
    ]).toEqual([1, 1]);
  });
});

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
    const { why: _why, toolCallId: _toolCallId, ...row } = approval;
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

  it("--always selects the agent's allow_always", async () => {
    await bench.run(['approve', approval.id, '--always']);
    expect(lastCall()).toMatchObject({ params: { choice: { optionId: 'ever' } } });
  });

  it('--always decides nothing where the agent offers none', async () => {
    const { id } = open({ options: [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }] });
    const { code, value, stderr } = await bench.json('approve', id, '--always');
    expect([code, value, stderr.includes('no "always"'), lastCall()?.method]).toEqual([
      1,
      undefined,
      true,
      'approval.list',
    ]);
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

import { describe, expect, it } from 'vitest';
import {
  approvalFromElicitation,
  approvalFromPermission,
  canonicalHash,
  elicitationAnswer,
  MalformedRequest,
  permissionAnswer,
} from '../../../../../src/host/agents/acp/acp-approvals.ts';
import { problemOfError } from '../../../../../src/host/agents/acp/acp-problems.ts';
import { launcherOf } from '../../../../../src/host/agents/launchers/launchers.ts';

const OPTIONS = [
  { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
  { optionId: 'odd', name: 'Odd', kind: 'a_kind_of_tomorrow' },
];

function permission(toolCall: object) {
  return { sessionId: 's', toolCall: { toolCallId: 't', ...toolCall }, options: OPTIONS };
}

describe('an approval from session/request_permission', () => {
  it('holds the exact call, its hash, and the options as they are', () => {
    const rawInput = { command: 'rm -rf "$HOME"', nested: { b: [1, null], a: 'ü' } };
    const call = { tool: 'Bash', input: rawInput, locations: [{ path: '/a', line: 3 }], diff: [] };
    expect(
      approvalFromPermission(
        permission({
          name: 'Bash',
          kind: 'execute',
          title: 'Run it',
          rawInput,
          locations: [{ path: '/a', line: 3 }],
          content: [{ type: 'content', content: { type: 'text', text: 'because' } }],
        }),
      ),
    ).toEqual({
      kind: 'execute',
      title: 'Run it',
      why: 'because',
      toolCallId: 't',
      call,
      hash: canonicalHash(call),
      options: OPTIONS,
      toolPatch: {
        toolCallId: 't',
        title: 'Run it',
        tool: 'Bash',
        kind: 'execute',
        input: rawInput,
        content: [{ type: 'text', text: 'because' }],
        locations: [{ path: '/a', line: 3 }],
      },
      agentSession: 's',
    });
  });

  it('never cuts the call, however long it is', () => {
    const newText = 'x'.repeat(9_000_000);
    const draft = approvalFromPermission(
      permission({
        content: [{ type: 'diff', path: '/a', oldText: null, newText }],
        rawInput: { newText },
      }),
    );
    expect(draft.call).toMatchObject({
      input: { newText },
      diff: [{ path: '/a', oldText: null, newText }],
    });
    expect(draft.toolPatch?.leftOutBytes).toBeGreaterThan(0);
  });

  it('takes what the request leaves out from what was said before of the same call', () => {
    const known = {
      toolCallId: 't',
      title: 'Run it',
      tool: 'bash',
      kind: 'execute' as const,
      input: { command: 'ls' },
    };
    expect(approvalFromPermission(permission({}), known)).toMatchObject({
      kind: 'execute',
      title: 'Run it',
      call: { tool: 'bash', input: { command: 'ls' } },
    });
  });

  it('binds what is shown when there is no raw input, so that two commands never share a hash', () => {
    const [a, b] = ['echo a', 'echo b'].map(
      (title) => approvalFromPermission(permission({ title, kind: 'execute' })).hash,
    );
    expect(a).not.toBe(b);
  });

  it.each([
    ['nothing', undefined],
    ['no call', { sessionId: 's', options: [] }],
    ['no options', { sessionId: 's', toolCall: { toolCallId: 't' } }],
    ['a lone surrogate', permission({ rawInput: '\ud800' })],
    [
      'a nesting without end',
      permission({ rawInput: JSON.parse('['.repeat(9_000) + ']'.repeat(9_000)) as unknown }),
    ],
  ])('cannot be made of %s', (_, params) => {
    expect(() => approvalFromPermission(params)).toThrow(MalformedRequest);
  });

  it('has a hash that is pinned: another one would make every open approval another call', () => {
    expect(canonicalHash({ tool: 'Bash', input: { command: 'ls' }, locations: [], diff: [] })).toBe(
      '3774535444f06cc87f8cc7af31bc90c42f3bf8376a9909712b89f1b5eeefdaf7',
    );
  });
});

describe('a question from elicitation/create', () => {
  const requestedSchema = {
    type: 'object',
    properties: { colour: { type: 'string', enum: ['red'] } },
  };

  it('becomes an approval of the kind question', () => {
    const call = {
      tool: 'question',
      input: { message: 'Which?', requestedSchema },
      locations: [],
      diff: [],
    };
    expect(
      approvalFromElicitation({
        sessionId: 's',
        toolCallId: 't',
        mode: 'form',
        message: 'Which?',
        requestedSchema,
      }),
    ).toEqual({
      kind: 'question',
      title: 'Which?',
      toolCallId: 't',
      call,
      hash: canonicalHash(call),
      options: [],
      toolPatch: null,
      agentSession: 's',
    });
  });

  it.each([
    [{ mode: 'url', message: 'Go', url: 'https://x' }],
    [{ mode: 'form', message: 'Which?' }],
    [null],
  ])('is refused when it is not a form: %j', (params) => {
    expect(() => approvalFromElicitation(params)).toThrow(MalformedRequest);
  });
});

it('answers say what ACP says', () => {
  expect([
    permissionAnswer('yes'),
    permissionAnswer(null),
    elicitationAnswer({ colour: 'red' }),
    elicitationAnswer('decline'),
    elicitationAnswer('cancel'),
  ]).toEqual([
    { outcome: { outcome: 'selected', optionId: 'yes' } },
    { outcome: { outcome: 'cancelled' } },
    { action: 'accept', content: { colour: 'red' } },
    { action: 'decline' },
    { action: 'cancel' },
  ]);
});

describe('an error of an agent', () => {
  const { profile } = launcherOf('claude');

  it.each([
    [{ code: -32000, message: 'Authentication required' }],
    [{ code: -32603, message: 'Internal error', data: { details: 'OAuth token has expired' } }],
    [{ code: -32603, message: 'Internal error', data: 'Invalid API key · Please run /login' }],
  ])('about its sign-in is told with the way to sign in: %j', (error) => {
    expect(problemOfError(error, profile, 0)).toMatchObject({
      kind: 'signIn',
      fix: 'claude /login',
    });
  });

  it('of another kind is told in its own words', () => {
    expect(
      problemOfError(
        { code: -32603, message: 'Internal error', data: { message: 'the model is unknown' } },
        profile,
        0,
      ),
    ).toEqual({ kind: 'other', message: 'Claude Code: Internal error: the model is unknown' });
  });
});

import type { AgentEntry } from '../../../src/protocol/agent.ts';
import { approvalIdSchema, commandIdSchema, type SessionId } from '../../../src/protocol/ids.ts';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import type { EventBody } from '../../../src/protocol/session/events.ts';
import type { FakeHost } from '../../fakes/fake-host.ts';

const HASH = 'ab'.repeat(32);
const COMMAND = commandIdSchema.parse('01938f00-0000-7000-8000-000000000001');
const OPTIONS = [
  { optionId: 'yes', name: 'Allow once', kind: 'allow_once' },
  { optionId: 'always', name: 'Always allow npm test in this project', kind: 'allow_always' },
  { optionId: 'no', name: 'Reject', kind: 'reject_once' },
];

export const OLD_CODE = `export function slugify(title: string): string {
  return title.toLowerCase().replace(' ', '-');
}
`;
export const NEW_CODE = `export function slugify(title: string): string {
  return title
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
`;

export const AGENTS: AgentEntry[] = [
  {
    id: 'claude',
    name: 'Claude Code',
    found: true,
    version: '2.1.0',
    command: ['claude-agent-acp'],
    from: 'path',
    modes: ['ask', 'edits', 'plan', 'auto'],
    installable: null,
    signIn: 'claude /login',
  },
  {
    id: 'codex',
    name: 'Codex',
    found: false,
    version: null,
    command: null,
    from: null,
    modes: ['ask', 'auto'],
    installable: { version: '0.50.0', bytes: 180_000_000 },
    signIn: 'codex login',
  },
  {
    id: 'opencode',
    name: 'OpenCode',
    found: true,
    version: '1.4.2',
    command: ['opencode', 'acp'],
    from: 'installed',
    modes: ['ask'],
    installable: null,
    signIn: null,
  },
  {
    id: 'demo',
    name: 'Demo agent',
    found: true,
    version: '0.1.0',
    command: ['node'],
    from: 'built-in',
    modes: ['ask', 'edits', 'plan', 'auto'],
    installable: null,
    signIn: null,
  },
];

export function approval(host: FakeHost, sessionId: SessionId, given: Partial<Approval>): Approval {
  return {
    id: approvalIdSchema.parse(host.newId('a')),
    sessionId,
    kind: 'execute',
    title: 'Run the tests',
    hash: HASH,
    call: {
      tool: 'Bash',
      input: {
        command: 'npm test -- --reporter=dot',
        description: 'Check that nothing else broke',
      },
      locations: [],
      diff: [],
    },
    options: OPTIONS,
    createdAt: host.now(),
    expiresAt: null,
    ...given,
  };
}

export function editApproval(host: FakeHost, sessionId: SessionId, cwd: string): Approval {
  const path = `${cwd}/src/slugify.ts`;
  return approval(host, sessionId, {
    kind: 'edit',
    title: 'Edit src/slugify.ts',
    call: {
      tool: 'Edit',
      input: { file_path: path },
      locations: [{ path }],
      diff: [{ path, oldText: OLD_CODE, newText: NEW_CODE }],
    },
  });
}

export function question(host: FakeHost, sessionId: SessionId): Approval {
  return approval(host, sessionId, {
    kind: 'question',
    title: 'Which separator?',
    options: [],
    call: {
      tool: 'elicitation',
      input: {
        message: 'Before I go on: how should slugs look, and what should I leave alone?',
        requestedSchema: {
          type: 'object',
          properties: {
            separator: {
              type: 'string',
              title: 'Separator',
              oneOf: [
                { const: '-', title: 'Hyphen', description: 'a-title-like-this' },
                { const: '_', title: 'Underscore' },
              ],
            },
            length: {
              type: 'integer',
              title: 'Longest slug',
              minimum: 8,
              maximum: 200,
              default: 80,
            },
            keep: {
              type: 'array',
              title: 'Leave alone',
              items: {
                anyOf: [
                  { const: 'docs', title: 'The docs' },
                  { const: 'tests', title: 'The old tests' },
                ],
              },
            },
            note: { type: 'string', title: 'Anything else', maxLength: 100 },
            strict: { type: 'boolean', title: 'Fail on an empty title' },
          },
          required: ['separator', 'length'],
        },
      },
      locations: [],
      diff: [],
    },
  });
}

/** A turn as a real agent has it: thought, plan, words with code, calls, an edit, a command. */
export function conversation(cwd: string): EventBody[] {
  const path = `${cwd}/src/slugify.ts`;
  return [
    {
      type: 'prompt.queued',
      commandId: COMMAND,
      prompt: [
        {
          type: 'text',
          text: 'Slugs break on umlauts and double spaces. Repair slugify and prove it with a test.',
        },
      ],
      by: 'window',
    },
    { type: 'turn.started', turn: 1, commandId: COMMAND },
    {
      type: 'agent.thought',
      text: '**Looking at the folder first**\n\nThe function is short; the tests will tell what else depends on it.',
    },
    {
      type: 'plan.updated',
      entries: [
        { content: 'Read slugify and who calls it', priority: 'high', status: 'completed' },
        { content: 'Repair it', priority: 'high', status: 'in_progress' },
        {
          content: 'Add tests for umlauts and double spaces',
          priority: 'medium',
          status: 'pending',
        },
      ],
    },
    { type: 'agent.text', text: 'I start with the function itself.', messageId: 'm1' },
    {
      type: 'tool.updated',
      toolCallId: 't1',
      title: 'Read src/slugify.ts',
      kind: 'read',
      status: 'completed',
      input: { file_path: path },
      content: [{ type: 'text', text: OLD_CODE }],
    },
    {
      type: 'tool.updated',
      toolCallId: 't2',
      title: 'grep -rn "slugify(" src',
      kind: 'search',
      status: 'completed',
      input: { pattern: 'slugify(' },
      content: [
        {
          type: 'text',
          text: 'src/post.ts:12: const slug = slugify(title);\nsrc/tag.ts:4: return slugify(name);',
        },
      ],
    },
    {
      type: 'agent.text',
      messageId: 'm2',
      text: "Two callers, both pass a title. The trouble is here:\n\n```ts\nreturn title.toLowerCase().replace(' ', '-'); // only the first space\n```\n\n1. `replace` with a string changes **only the first** space.\n2. Umlauts stay as they are, which the router then escapes.\n\n| input | now | wanted |\n| --- | --- | --- |\n| `Über  uns` | `über- uns` | `uber-uns` |\n\nMore in [the Unicode report](https://unicode.org/reports/tr15/).",
    },
    {
      type: 'tool.updated',
      toolCallId: 't3',
      title: 'Edit src/slugify.ts',
      kind: 'edit',
      status: 'completed',
      input: { file_path: path },
      content: [{ type: 'diff', path, oldText: OLD_CODE, newText: NEW_CODE }],
    },
    {
      type: 'tool.updated',
      toolCallId: 't4',
      title: 'npm test',
      kind: 'execute',
      status: 'failed',
      input: { command: 'npm test' },
      content: [
        {
          type: 'text',
          text: '```\n✗ slugify › keeps digits\n  expected "a-1" to be "a1"\n\n1 failed, 11 passed\n```',
        },
      ],
    },
    { type: 'usage.updated', used: 41_200, size: 200_000, cost: { amount: 0.37, currency: 'USD' } },
    {
      type: 'options.changed',
      options: [
        {
          id: 'model',
          name: 'Model',
          current: 'lantern',
          values: [
            { value: 'lantern', name: 'Lantern' },
            { value: 'candle', name: 'Candle' },
          ],
        },
        { id: 'effort', name: 'Think harder', current: true, values: [] },
      ],
    },
    {
      type: 'commands.changed',
      commands: [
        { name: 'review', description: 'Review the open changes' },
        { name: 'release', description: 'Prepare a release' },
        { name: 'compact', description: 'Condense the conversation' },
      ],
    },
  ];
}

/** Several sessions in several states; returns the one with the long conversation. */
export function fill(host: FakeHost): SessionId {
  host.agents = AGENTS;
  const quiet = host.addSession({
    agent: 'opencode',
    title: 'Mend the sensor test',
    cwd: '/home/ada/weather-station',
  });
  host.append(quiet, { type: 'notice', level: 'info', text: 'Nothing to do.', by: 'host' });
  const failed = host.addSession({
    agent: 'claude',
    title: 'Upgrade the build',
    cwd: '/home/ada/shop',
  });
  host.append(failed, {
    type: 'session.failed',
    problem: {
      message: 'Claude Code is not signed in on this machine.',
      fix: 'claude /login',
      kind: 'signIn',
    },
  });
  const busy = host.addSession({
    agent: 'claude',
    title: 'Translate the handbook',
    cwd: '/home/ada/handbook',
  });
  host.append(busy, {
    type: 'prompt.queued',
    commandId: COMMAND,
    prompt: [{ type: 'text', text: 'Go on.' }],
    by: 'cli',
  });
  host.append(busy, { type: 'turn.started', turn: 1, commandId: COMMAND });
  const main = host.addSession({
    agent: 'claude',
    title: 'A slug for every title',
    cwd: '/home/ada/porch-blog',
  });
  for (const body of conversation('/home/ada/porch-blog')) host.append(main, body);
  return main;
}

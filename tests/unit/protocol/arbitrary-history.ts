import fc from 'fast-check';
import type { EventBody, SessionEvent } from '../../../src/protocol/session/events.ts';
import { eventBodySchema } from '../../../src/protocol/session/events.ts';

const commandIds = ['1', '2', '3', '4'].map((n) => `01890a5d-ac96-774b-bcce-b302099a800${n}`);
const approvalIds = ['a_aaaaaaaaaaa1', 'a_aaaaaaaaaaa2', 'a_aaaaaaaaaaa3'];
const instance = 'i_aaaaaaaaaaa1';
const hash = 'f'.repeat(64);

const id = fc.constantFrom(...commandIds);
const approvalId = fc.constantFrom(...approvalIds);
const text = fc.string({ maxLength: 6 });
const messageId = fc.constantFrom(undefined, 'm1', 'm2');
const by = fc.constantFrom('cli', 'window');

function of(
  type: EventBody['type'],
  shape: Record<string, fc.Arbitrary<unknown>> = {},
): fc.Arbitrary<unknown> {
  return fc.record({ type: fc.constant(type), ...shape });
}

const tool = of('tool.updated', {
  toolCallId: fc.constantFrom('t1', 't2', 't3', 't4'),
  title: fc.option(text, { nil: undefined }),
  status: fc.constantFrom(undefined, undefined, 'pending', 'in_progress', 'completed', 'failed'),
  input: fc.constantFrom(undefined, { command: 'ls' }),
  output: fc.constantFrom(undefined, 'out'),
});

const streamed = fc.oneof(
  of('agent.text', { text, messageId }),
  of('agent.thought', { text, messageId }),
);

const opened = approvalId.map((approval) => ({
  type: 'approval.opened',
  approval: {
    id: approval,
    sessionId: 's_aaaaaaaaaaa1',
    kind: 'edit',
    title: 'Edit',
    hash,
    call: { tool: 'Edit', input: {}, locations: [], diff: [] },
    options: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: null,
  },
}));

/** Any event but the first, in any order: more than an agent could do. */
const anyBody = fc
  .oneof(
    { weight: 8, arbitrary: streamed },
    { weight: 6, arbitrary: tool },
    of('user.text', { text, messageId }),
    of('agent.image', { mimeType: fc.constant('image/png'), data: fc.constant('AAAA') }),
    of('agent.link', { uri: text, name: text }),
    of('plan.updated', {
      entries: fc.array(
        fc.record({ content: text, priority: fc.constant('low'), status: fc.constant('pending') }),
        { maxLength: 2 },
      ),
    }),
    of('mode.changed', {
      mode: fc.constantFrom('ask', null),
      native: text,
      version: fc.nat(3),
      by,
    }),
    of('usage.updated', { used: fc.nat(9), size: fc.constant(10) }),
    of('context.compacted', {
      status: fc.constantFrom('in_progress', 'completed', 'failed'),
      summary: fc.option(text, { nil: undefined }),
    }),
    of('notice', { level: fc.constant('info'), text, by }),
    of('prompt.queued', {
      commandId: id,
      prompt: text.map((t) => [{ type: 'text', text: t }]),
      by,
    }),
    of('prompt.dropped', { commandId: id, by }),
    { weight: 2, arbitrary: of('turn.started', { turn: fc.nat(5), commandId: id }) },
    {
      weight: 2,
      arbitrary: of('turn.ended', {
        turn: fc.nat(5),
        outcome: fc.constantFrom('completed', 'interrupted', 'cancelled'),
      }),
    },
    opened,
    of('approval.decided', {
      approvalId,
      optionId: fc.constant('allow'),
      allowed: fc.boolean(),
      by,
    }),
    of('approval.delivered', { approvalId }),
    of('approval.closed', { approvalId, reason: fc.constantFrom('cancelled', 'expired') }),
    of('session.titled', { title: text, by }),
    of('session.archived', { archived: fc.boolean(), by }),
    of('session.failed', { problem: fc.constant({ message: 'gone' }) }),
    of('session.ended', { by }),
    of('agent.starting', { instance: fc.constant(instance) }),
    of('agent.started', {
      instance: fc.constant(instance),
      name: text,
      version: fc.constant('1'),
      agentSession: text,
      loaded: fc.boolean(),
      accepts: fc.constant({ images: true, load: true }),
    }),
    of('agent.exited', {
      instance: fc.constant(instance),
      expected: fc.boolean(),
      code: fc.constant(null),
      signal: fc.constant('SIGKILL'),
    }),
    of('options.changed', { options: fc.constant([]) }),
    of('commands.changed', { commands: fc.constant([]) }),
  )
  .map((body) => eventBodySchema.parse(body));

const first: EventBody = eventBodySchema.parse({
  type: 'session.created',
  sessionId: 's_aaaaaaaaaaa1',
  agent: 'demo',
  cwd: '/home/ada/project',
  worktree: null,
  mode: 'ask',
  title: 'A session',
  by: 'cli',
});

export function numbered(bodies: readonly EventBody[], from = 1): SessionEvent[] {
  return bodies.map((body, i) => ({
    ...body,
    seq: from + i,
    at: new Date(Date.UTC(2026, 0, 1) + (from + i) * 1_000).toISOString(),
  }));
}

/** A whole history of one session, from `session.created` on. */
export const arbitraryHistory: fc.Arbitrary<SessionEvent[]> = fc
  .array(anyBody, { maxLength: 60 })
  .map((bodies) => numbered([first, ...onceEach(bodies)]));

/** A prompt is queued once, and begins or is taken back once: its command id is its own. */
function onceEach(bodies: readonly EventBody[]): EventBody[] {
  const seen = new Set<string>();
  return bodies.filter((body) => {
    if (!('commandId' in body) || body.type === 'approval.decided') return true;
    const step = `${body.type === 'prompt.queued' ? 'in' : 'out'} ${body.commandId}`;
    return !seen.has(step) && seen.add(step);
  });
}

export const arbitraryBodies: fc.Arbitrary<EventBody[]> = fc.array(anyBody, { maxLength: 60 });
export const createdBody = first;

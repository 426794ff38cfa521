import { afterEach, expect, test } from 'vitest';
import { MAX_RECAP_BYTES, recapOf } from '../../../../../src/host/agents/acp/recap.ts';
import {
  sessionEventSchema,
  type SessionEvent,
} from '../../../../../src/protocol/session/events.ts';
import { MemoryKeeper } from '../../../../fakes/memory-keeper.ts';
import { ScriptedAgent, SILENCE } from '../../../../fakes/scripted-agent.ts';
import { HostCore, newCommandId, profile } from '../../support/host-core.ts';

const cores: HostCore[] = [];
afterEach(() => {
  for (const core of cores.splice(0)) core.close();
});

function history(...bodies: object[]): SessionEvent[] {
  return bodies.map((body, index) =>
    sessionEventSchema.parse({ ...body, seq: index + 1, at: '2026-11-21T12:00:00Z' }),
  );
}

function turn(n: number, asked: string, said: string, outcome = 'completed'): object[] {
  const commandId = newCommandId();
  return [
    { type: 'prompt.queued', commandId, prompt: [{ type: 'text', text: asked }], by: 'test' },
    { type: 'turn.started', turn: n, commandId },
    { type: 'agent.text', text: said },
    { type: 'turn.ended', turn: n, outcome },
  ];
}

test('what was asked, how replies ended, what was changed, what is open', () => {
  const [queued, started, said, ended] = turn(2, 'And the tests?', 'Half of them', 'interrupted');
  const recap = recapOf(
    history(
      ...turn(1, 'Build a porch.', 'The porch stands.'),
      ...[queued, started, said].map((body) => body ?? {}),
      { type: 'tool.updated', toolCallId: 'a', kind: 'edit', locations: [{ path: '/w/porch.ts' }] },
      { type: 'tool.updated', toolCallId: 'a', status: 'completed' },
      { type: 'tool.updated', toolCallId: 'b', kind: 'read', locations: [{ path: '/w/no.ts' }] },
      { type: 'tool.updated', toolCallId: 'b', status: 'completed' },
      { type: 'tool.updated', toolCallId: 'c', kind: 'edit', locations: [{ path: '/w/lost.ts' }] },
      { type: 'tool.updated', toolCallId: 'c', status: 'failed' },
      ended ?? {},
    ),
    [
      { content: 'Look', status: 'completed', priority: 'medium' },
      { content: 'Test it', status: 'in_progress', priority: 'medium' },
    ],
  );
  expect(recap?.split('\n').slice(2)).toEqual([
    'The person asked: Build a porch.',
    'You answered, at the end: The porch stands.',
    '',
    'The person asked: And the tests?',
    'You answered, at the end: Half of them',
    'That turn did not come to its end: interrupted.',
    '',
    'Files changed so far:',
    '- /w/porch.ts',
    '',
    'Open in the plan:',
    '- [in_progress] Test it',
    '',
    '[End of the summary. What follows is the next prompt.]',
  ]);
});

test('nothing was said: there is no summary', () => {
  expect(recapOf(history({ type: 'notice', level: 'info', text: 'x', by: 'host' }), [])).toBeNull();
});

test('however long the history, it stays small, whole in UTF-8, and knows the goal and the end', () => {
  const long = '🪑 a chair on the porch ü '.repeat(2_000);
  const recap = recapOf(
    history(
      ...turn(1, `GOAL ${long}`, long),
      ...Array.from({ length: 60 }, (_, i) =>
        turn(i + 2, `${i} ${long}`, `${long} end ${i}.`),
      ).flat(),
    ),
    Array.from(
      { length: 200 },
      () => ({ content: long, status: 'pending', priority: 'low' }) as const,
    ),
  );
  if (recap === null) throw new Error('no recap');
  expect(Buffer.byteLength(recap)).toBeLessThanOrEqual(MAX_RECAP_BYTES);
  expect(recap).toContain('GOAL');
  expect(recap).toContain('end 59.');
  expect(recap).toContain('more turns, left out here');
  expect(recap).not.toContain('\uFFFD');
  expect(Buffer.from(recap).toString()).toBe(recap);
});

/** A session whose agent cannot load, and the prompts that reached it, part by part. */
async function forgetful(canLoad: boolean) {
  const agent = new ScriptedAgent();
  const keeper = new MemoryKeeper({ scripted: agent.agent });
  agent.handlers['session/prompt'] = (process, request) => {
    process.chunk(String(request.params?.sessionId), 'The porch stands.');
    process.answer(request, { stopReason: 'end_turn' });
    return SILENCE;
  };
  const core = new HostCore({ pipes: keeper.connect(), profile: { ...profile, canLoad } });
  cores.push(core);
  await core.restore();
  const parts = () =>
    agent.processes.flatMap(({ heard }) =>
      heard
        .filter(({ method }) => method === 'session/prompt')
        .map(({ params }) => ((params?.prompt ?? []) as { text: string }[]).map((p) => p.text)),
    );
  const kill = () => {
    const last = agent.processes.at(-1);
    if (last !== undefined) keeper.exit(last.io.spec.instance, null, 'SIGKILL');
  };
  return { agent, core, parts, kill };
}

test.each([
  ['never can', false],
  ['has lost the conversation', true],
])('an agent that %s gets the summary ahead of the next prompt, once', async (_, canLoad) => {
  const { agent, core, parts, kill } = await forgetful(canLoad);
  if (canLoad)
    agent.handlers['session/load'] = (process, { id }) => {
      process.say({ id, error: { code: -32_602, message: 'no such conversation' } });
      return SILENCE;
    };
  const id = await core.start('Build a porch.');
  await core.turnEnded(id);
  kill();
  await core.until(id, (state) => state.instance === null);
  core.send(id, 'Paint it.');
  await core.turnEnded(id, 2);
  core.send(id, 'Sweep it.');
  await core.turnEnded(id, 3);
  expect(parts()).toEqual([
    ['Build a porch.'],
    [expect.stringContaining('The person asked: Build a porch.'), 'Paint it.'],
    ['Sweep it.'],
  ]);
  expect(parts()[1]?.[0]).not.toContain('Paint it.');
  const events = core.events(id);
  expect(events.flatMap((event) => (event.type === 'prompt.queued' ? [event.prompt] : []))).toEqual(
    ['Build a porch.', 'Paint it.', 'Sweep it.'].map((text) => [{ type: 'text', text }]),
  );
  expect(events.flatMap((event) => (event.type === 'notice' ? [event.text] : []))).toEqual([
    expect.stringContaining('It starts anew with a summary of what was said.'),
  ]);
});

test('killed before it answered, it gets the summary again', async () => {
  const { agent, core, parts, kill } = await forgetful(false);
  const id = await core.start('Build a porch.');
  await core.turnEnded(id);
  agent.handlers['session/prompt'] = () => SILENCE;
  kill();
  await core.until(id, (state) => state.instance === null);
  core.send(id, 'Paint it.');
  await core.until(id, (state) => state.turn?.turn === 2 && agent.processes.length === 2);
  kill();
  await core.turnEnded(id, 2);
  core.send(id, 'Sweep it.');
  await core.until(id, (state) => state.turn?.turn === 3);
  expect(parts()[2]).toEqual([expect.stringContaining('The person asked: Paint it.'), 'Sweep it.']);
});

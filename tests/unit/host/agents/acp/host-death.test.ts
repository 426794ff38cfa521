import { afterEach, expect, test } from 'vitest';
import { rmSync } from 'node:fs';
import type { SessionId } from '../../../../../src/protocol/ids.ts';
import { reduce } from '../../../../../src/protocol/session/reduce.ts';
import type { SessionState } from '../../../../../src/protocol/session/state.ts';
import { Fate, MortalPipes, mortalStore } from '../../../../fakes/mortal-host.ts';
import { MemoryKeeper } from '../../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent } from '../../../../fakes/scripted-agent.ts';
import { diskOf, HostCore, newCommandId, newFolder, text, local } from '../../support/host-core.ts';

const NEVER = Infinity;
const MAX_LIVES = 200;
const open = new Set<HostCore>();
const folders = new Set<string>();

afterEach(() => {
  for (const core of open) core.leave();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  open.clear();
  folders.clear();
});

/** Text, a tool with an approval, more text, the end of the turn. */
function agent(): ScriptedAgent {
  const scripted = new ScriptedAgent();
  let prompts = 0;
  scripted.handlers['session/prompt'] = (process, request) => {
    const session = String(request.params?.sessionId);
    const call = `tool-${(prompts += 1)}`;
    process.chunk(session, 'one ');
    process.chunk(session, 'two ');
    process.update(session, {
      sessionUpdate: 'tool_call',
      toolCallId: call,
      status: 'in_progress',
    });
    process.ask(session, 'make', (outcome) => {
      const status = outcome === 'yes' ? 'completed' : 'failed';
      process.update(session, { sessionUpdate: 'tool_call_update', toolCallId: call, status });
      process.chunk(session, 'done. ');
      process.answer(request, { stopReason: 'end_turn' });
    });
    return SILENCE;
  };
  return scripted;
}

interface Story {
  readonly told: string[];
  readonly events: object[];
  readonly delivered: number;
  readonly seqs: number[];
  readonly folded: SessionState | null;
  readonly final: SessionState;
  readonly lives: number;
  readonly steps: number;
}

/**
 * A person who starts a session, allows what it asks, sends another prompt and allows again, to
 * hosts that die after so many steps. What got no answer is sent again to the next host.
 */
async function tell(diesAfter: (life: number) => number): Promise<Story> {
  const scripted = agent();
  const keeper = new MemoryKeeper({ scripted: scripted.agent });
  const ids = { start: newCommandId(), send: newCommandId() };
  const decisions = new Map<string, ReturnType<typeof newCommandId>>();
  let folder = newFolder();
  let session: SessionId | null = null;
  const cwd = folder;
  for (let life = 1; life <= MAX_LIVES; life += 1) {
    folders.add(folder);
    let disk = folder;
    const fate = new Fate(diesAfter(life), () => (disk = diskOf(folder)));
    const core: HostCore = new HostCore({
      folder,
      pipes: new MortalPipes(keeper.connect(), fate),
      around: (store) => mortalStore(store, fate),
    });
    open.add(core);
    void core.restore();
    const sent = new Set<string>();
    const once = (what: string, act: () => unknown): void => {
      if (sent.has(what)) return;
      sent.add(what);
      // A host that died gives no answer; one that lives does not refuse what was done.
      void Promise.resolve(act()).catch((error: unknown) => {
        if (!fate.isDead) throw error;
      });
    };
    while (!fate.isDead) {
      await new Promise((resolve) => setImmediate(resolve));
      if (fate.isDead) break;
      const params = { commandId: ids.start, cwd, share: false, prompt: text('first') };
      once('start', async () => await core.sessions.start(params, 'test'));
      const [state] = core.log.states().values();
      if (state === undefined) continue;
      session = state.id;
      for (const { id, hash } of state.approvals) {
        const commandId = decisions.get(id) ?? newCommandId();
        decisions.set(id, commandId);
        const choice = { allow: true };
        once(
          id,
          async () => await core.desk.decide({ approvalId: id, commandId, hash, choice }, local),
        );
      }
      if (state.turn?.turn === 1 && state.turn.endedAt !== null)
        once('send', async () => core.sessions.send(state.id, ids.send, text('second'), 'test'));
      if (state.turn?.turn === 2 && state.turn.endedAt !== null) {
        const events = core.events(state.id);
        return {
          told: scripted.told(),
          events: events
            .filter(({ type }) => !VARYING.has(type))
            .map(({ at: _, seq: __, ...body }) => withoutIds(body)),
          delivered: events.filter(({ type }) => type === 'approval.delivered').length,
          seqs: events.map(({ seq }) => seq),
          folded: events.reduce<SessionState | null>(
            (before, event) => reduce(before, event),
            null,
          ),
          final: core.state(state.id),
          lives: life,
          steps: fate.steps,
        };
      }
    }
    folder = disk;
  }
  throw new Error(`The story of ${session} did not end in ${MAX_LIVES} lives`);
}

/** A receipt may come before or after what the agent does next; a process may have to be started twice. */
const VARYING: ReadonlySet<string> = new Set([
  'approval.delivered',
  'agent.starting',
  'agent.exited',
]);

function withoutIds(body: object): object {
  const masked: unknown = JSON.parse(
    JSON.stringify(body)
      .replaceAll(/"(createdAt|cwd)":"[^"]*"/g, '"$1":"…"')
      .replaceAll(/"[sai]_[a-z0-9]{12}"/g, '"…"')
      .replaceAll(/"[0-9a-f]{8}-[0-9a-f]{4}-7[^"]*"/g, '"…"')
      // A session that the host brings back gets its mode by the host.
      .replaceAll('"by":"host"', '"by":"test"')
      .replaceAll(/"[^"]*porchlight-core-[^"]*"/g, '"…"'),
  );
  return masked as object;
}

async function expectTheSame(story: Story): Promise<void> {
  const undisturbed = await tell(() => NEVER);
  expect(story.events).toEqual(undisturbed.events);
  expect(story.told).toEqual(undisturbed.told);
  expect({ delivered: story.delivered, state: story.final.state, folded: story.folded }).toEqual({
    delivered: 2,
    state: 'idle',
    folded: story.final,
  });
  expect(story.seqs).toEqual(story.seqs.map((_, index) => index + 1));
}

test('an undisturbed story: each line to the agent once, each approval answered once', async () => {
  const story = await tell(() => NEVER);
  expect(story.told).toEqual([
    'initialize',
    'session/new',
    'session/set_mode',
    'session/prompt',
    'yes',
    'session/prompt',
    'yes',
  ]);
  await expectTheSame(story);
});

test(
  'a host that dies after any one of its steps is not noticed by the agent or the history',
  { timeout: 60_000 },
  async () => {
    const { steps } = await tell(() => NEVER);
    expect(steps).toBeGreaterThan(30);
    for (let step = 1; step < steps; step += 1)
      await expectTheSame(await tell((life) => (life === 1 ? step : NEVER)));
  },
);

test.each([5, 7, 8, 11])(
  'hosts that die again and again, every %i steps, get it done all the same',
  async (every) => {
    const story = await tell(() => every);
    expect(story.lives).toBeGreaterThan(3);
    await expectTheSame(story);
  },
);

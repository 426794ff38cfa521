import { rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../../src/host/sessions/recovery.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import { Fate, MortalPipes, mortalStore } from '../../../fakes/mortal-host.ts';
import { SILENCE, ScriptedAgent, type Heard } from '../../../fakes/scripted-agent.ts';
import { diskOf, HostCore, newCommandId, newFolder, text } from '../support/host-core.ts';

const NEVER = Infinity;
const MAX_LIVES = 200;
const BASE_MS = Date.parse('2026-11-21T12:00:00Z');
const LIMIT_OVER_S = Math.round(BASE_MS / 1_000) + 3_600;
const cores = new Set<HostCore>();
const folders = new Set<string>();

afterEach(() => {
  for (const core of cores) core.leave();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  cores.clear();
  folders.clear();
});

const promptOf = ({ params }: Heard) =>
  ((params?.prompt ?? []) as { text: string }[]).map((part) => part.text).join(' + ');

interface Story {
  readonly prompts: string[];
  readonly events: string[];
  readonly seqs: number[];
  readonly steps: number;
}

/**
 * An agent that cannot load dies in mid turn and is continued by policy; its account then runs into
 * a limit, and after that it comes to its end. The hosts die after so many steps.
 */
async function tell(diesAfter: (life: number) => number): Promise<Story> {
  const agent = new ScriptedAgent();
  const prompts: string[] = [];
  const keeper = new MemoryKeeper({ scripted: agent.agent });
  agent.handlers['session/load'] = (process, { id }) => {
    process.say({ id, error: { code: -32_602, message: 'gone' } });
    return SILENCE;
  };
  agent.handlers['session/prompt'] = (process, request) => {
    prompts.push(promptOf(request).replace(/^\[Summary.*next prompt\.\]/s, '[summary]'));
    const session = String(request.params?.sessionId);
    if (prompts.length === 1) {
      process.chunk(session, 'I begin. ');
      process.update(session, {
        sessionUpdate: 'tool_call',
        toolCallId: 'call',
        title: 'make',
        status: 'in_progress',
      });
      process.io.exit(1);
    } else if (prompts.length === 2) {
      const error = { code: -32_603, message: `usage limit reached|${LIMIT_OVER_S}` };
      process.say({ id: request.id, error });
    } else process.answer(request, { stopReason: 'end_turn' });
    return SILENCE;
  };
  const commandId = newCommandId();
  let folder = newFolder();
  const cwd = folder;
  const timers = new FakeTimers();
  const clock = () => BASE_MS + timers.nowMs() - 1_000_000;
  for (let life = 1; life <= MAX_LIVES; life += 1) {
    folders.add(folder);
    let disk = folder;
    const fate = new Fate(diesAfter(life), () => (disk = diskOf(folder)));
    const core: HostCore = new HostCore({
      folder,
      pipes: new MortalPipes(keeper.connect(), fate),
      around: (store) => mortalStore(store, fate),
      recovery: {
        policy: () => ({ ...DEFAULT_POLICY, afterInterruption: 'continue' }),
        // A timer of a host that is dead does nothing.
        timers: {
          nowMs: () => timers.nowMs(),
          after: (ms, run) => timers.after(ms, () => (fate.isDead ? undefined : run())),
        },
        steadyMs: clock,
        wallMs: clock,
      },
    });
    cores.add(core);
    void core.restore();
    let isSent = false;
    while (!fate.isDead) {
      await new Promise((resolve) => setImmediate(resolve));
      if (fate.isDead) break;
      if (!isSent) {
        isSent = true;
        const params = { commandId, cwd, share: false, prompt: text('build it') };
        void core.sessions.start(params, 'test').catch((error: unknown) => {
          if (!fate.isDead) throw error;
        });
      }
      const [state] = core.log.states().values();
      if (state?.parked) timers.advance(60_000);
      if (state?.turn?.turn !== 3 || state.turn.endedAt === null || fate.isDead) continue;
      const events = core.events(state.id);
      return {
        prompts,
        events: events.map(({ type }) => type).filter((type) => !VARYING.has(type)),
        seqs: events.map(({ seq }) => seq),
        steps: fate.steps,
      };
    }
    folder = disk;
  }
  throw new Error(`The story did not end in ${MAX_LIVES} lives`);
}

/** A process may have to be started twice; then its settings are told twice. */
const VARYING: ReadonlySet<string> = new Set(['agent.starting', 'agent.exited', 'notice']);

test('a turn that was cut short goes on once, whatever the host dies of meanwhile', async () => {
  const undisturbed = await tell(() => NEVER);
  expect(undisturbed.prompts).toEqual([
    'build it',
    expect.stringMatching(/^\[summary\] \+ Continue where you were interrupted\..*- make$/s),
    expect.stringMatching(/^Continue where you were interrupted\..*- make$/s),
  ]);
  expect(undisturbed.steps).toBeGreaterThan(20);
  const expectTheSame = (story: Story) => {
    expect(story.prompts).toEqual(undisturbed.prompts);
    expect(story.events).toEqual(undisturbed.events);
    expect(story.seqs).toEqual(story.seqs.map((_, index) => index + 1));
  };
  for (let step = 1; step < undisturbed.steps; step += 1)
    expectTheSame(await tell((life) => (life === 1 ? step : NEVER)));
  for (const every of [5, 7, 11]) expectTheSame(await tell(() => every));
}, 60_000);

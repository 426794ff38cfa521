import { rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import type { SessionEvent } from '../../../../../src/protocol/session/events.ts';
import { Fate, MortalPipes, mortalStore } from '../../../../fakes/mortal-host.ts';
import { MemoryKeeper } from '../../../../fakes/memory-keeper.ts';
import type { ScriptedAgent } from '../../../../fakes/scripted-agent.ts';
import { tellingAgent, told } from '../../support/telling-agent.ts';
import { diskOf, HostCore, newCommandId, newFolder, quiet } from '../../support/host-core.ts';

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

interface Story {
  readonly events: SessionEvent[];
  readonly sessions: number;
  /** Processes that are left. */
  readonly running: number;
  readonly steps: number;
  readonly lives: number;
}

/** A person who adopts a conversation, and asks again where a host died over it. */
async function tell(diesAfter: (life: number) => number): Promise<Story> {
  const scripted: ScriptedAgent = tellingAgent();
  const keeper = new MemoryKeeper({ scripted: scripted.agent });
  const params = { commandId: newCommandId(), agentSession: 'old', share: false };
  let folder = newFolder();
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
    void core.adoption.adopt(params, 'test').catch((error: unknown) => {
      if (!fate.isDead) throw error;
    });
    while (!fate.isDead) {
      await quiet();
      const [state] = core.log.states().values();
      if (fate.isDead || state?.state !== 'idle') continue;
      await quiet();
      if (fate.isDead) break;
      return {
        events: core.events(state.id),
        sessions: core.log.states().size,
        running: keeper.statuses().filter((status) => status.state === 'running').length,
        steps: fate.steps,
        lives: life,
      };
    }
    folder = disk;
  }
  throw new Error(`The conversation was not adopted in ${MAX_LIVES} lives`);
}

function expectWhole({ events, sessions, running }: Story): void {
  expect(told(events)).toEqual(WHOLE);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect({ sessions, running }).toEqual({ sessions: 1, running: 1 });
}

const WHOLE = [
  'user: paint the porch',
  'tool: brush completed',
  'agent: It is blue now.',
  'plan: 1',
  'tool: dangling failed',
  'notice',
  'started',
];

test('undisturbed, the history is there once, before the session is', async () => {
  expectWhole(await tell(() => NEVER));
});

test(
  'a host that dies after any one of its steps leaves nothing doubled, lost or running',
  { timeout: 60_000 },
  async () => {
    const { steps } = await tell(() => NEVER);
    expect(steps).toBeGreaterThan(15);
    for (let step = 1; step < steps; step += 1)
      expectWhole(await tell((life) => (life === 1 ? step : NEVER)));
  },
);

test.each([14, 17, 23])(
  'hosts that die again and again, every %i steps, get it done',
  async (every) => {
    const story = await tell((life) => every + life);
    expect(story.lives).toBeGreaterThan(1);
    expectWhole(story);
  },
);

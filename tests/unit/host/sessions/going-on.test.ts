import { afterEach, expect, test } from 'vitest';
import type { RecoveryPolicy } from '../../../../src/host/sessions/recovery.ts';
import { DEFAULT_POLICY } from '../../../../src/host/sessions/recovery.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import type { Problem } from '../../../../src/protocol/session/events.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import { ScriptedAgent, SILENCE, type ScriptedProcess } from '../../../fakes/scripted-agent.ts';
import { HostCore, newCommandId, quiet } from '../support/host-core.ts';

const open: HostCore[] = [];
afterEach(() => {
  for (const core of open.splice(0)) core.close();
});

const CONTINUE = 'Continue where you were interrupted.';

interface Stage {
  readonly core: HostCore;
  readonly timers: FakeTimers;
  readonly agent: ScriptedAgent;
  readonly keeper: MemoryKeeper;
  /** What the prompts said that reached the agent. */
  prompts(): string[];
  /** The agent's process that runs now. */
  process(): ScriptedProcess;
}

async function stage(policy: Partial<RecoveryPolicy> = {}, folder?: string): Promise<Stage> {
  const agent = new ScriptedAgent();
  const keeper = new MemoryKeeper({ scripted: agent.agent });
  const timers = new FakeTimers();
  const core = await coreOf(keeper, timers, policy, folder);
  return {
    core,
    timers,
    agent,
    keeper,
    prompts: () =>
      agent.processes.flatMap(({ heard }) =>
        heard
          .filter(({ method }) => method === 'session/prompt')
          .map(({ params }) => (params?.prompt ?? []) as { text: string }[])
          .map((parts) => parts.map((part) => part.text).join()),
      ),
    process: () => {
      const process = agent.processes.at(-1);
      if (process === undefined) throw new Error('no process');
      return process;
    },
  };
}

async function coreOf(
  keeper: MemoryKeeper,
  timers: FakeTimers,
  policy: Partial<RecoveryPolicy> = {},
  folder?: string,
): Promise<HostCore> {
  const core = new HostCore({
    pipes: keeper.connect(),
    ...(folder !== undefined && { folder }),
    recovery: {
      timers,
      steadyMs: () => BASE_MS + timers.nowMs(),
      wallMs: () => BASE_MS + timers.nowMs(),
      policy: () => ({ ...DEFAULT_POLICY, ...policy }),
    },
  });
  open.push(core);
  return await core.restore();
}

/** The agent says a word and begins a tool call, and then nothing more. */
function working(agent: ScriptedAgent): void {
  agent.handlers['session/prompt'] = (process, request) => {
    const session = String(request.params?.sessionId);
    process.chunk(session, 'I begin. ');
    process.update(session, {
      sessionUpdate: 'tool_call',
      toolCallId: 'call-1',
      title: 'npm test',
      status: 'in_progress',
    });
    return SILENCE;
  };
}

const finishing = (agent: ScriptedAgent) => {
  agent.handlers['session/prompt'] = () => ({ stopReason: 'end_turn' });
};

/** The next prompt ends in this error of the agent's. */
function failing(agent: ScriptedAgent, error: object): void {
  agent.handlers['session/prompt'] = (process, request) => {
    process.say({ id: request.id, error });
    return SILENCE;
  };
}

const NETWORK = { code: -32603, message: 'Internal error: fetch failed' };
/** What the fake clock's zero is, on the wall. */
const BASE_MS = Date.parse('2026-11-21T12:00:00Z') - 1_000_000;
const LIMIT_IN = (ms: number) => ({
  code: -32603,
  message: `Claude AI usage limit reached|${Math.round((BASE_MS + 1_000_000 + ms) / 1_000)}`,
});

async function dies({ core, keeper, process }: Stage, id: SessionId): Promise<void> {
  await core.until(id, (state) => state.openTools.length > 0);
  keeper.exit(process().io.spec.instance, null, 'SIGKILL');
  await core.turnEnded(id, core.state(id).turn?.turn);
}

const problemOf = (core: HostCore, id: SessionId): Problem | undefined =>
  core
    .events(id)
    .flatMap((event) => (event.type === 'turn.ended' && event.problem ? [event.problem] : []))
    .at(-1);

test('an agent that went away is told to continue when a person says so, ahead of what waits', async () => {
  const on = await stage();
  working(on.agent);
  const id = await on.core.start('build it');
  on.core.send(id, 'then push');
  await dies(on, id);
  expect(on.core.state(id)).toMatchObject({ state: 'idle', held: true });
  finishing(on.agent);
  const { position } = on.core.sessions.continue(id, newCommandId(), 'window');
  expect(position).toBe(0);
  await on.core.until(id, (state) => state.queue.length === 0 && state.state === 'idle');
  const [first, second, third] = on.prompts();
  expect([first, third]).toEqual(['build it', 'then push']);
  expect(second).toContain(CONTINUE);
  expect(second).toContain('- npm test');
  expect(on.core.state(id).autoContinues).toBe(0);
});

test('by policy it continues by itself, three times in a row and then no more', async () => {
  const on = await stage({ afterInterruption: 'continue' });
  working(on.agent);
  const id = await on.core.start('build it');
  for (let turn = 1; turn <= 4; turn += 1) {
    await on.core.until(id, (state) => state.turn?.turn === turn);
    await dies(on, id);
  }
  await quiet();
  expect(on.prompts().length).toBe(4);
  expect(on.core.state(id)).toMatchObject({ state: 'idle', autoContinues: 3 });
  expect(on.core.types(id).filter((type) => type === 'notice')).toHaveLength(3);
  // A person's prompt starts the count over.
  on.core.send(id, 'go on, please');
  expect(on.core.state(id).autoContinues).toBe(0);
});

test('it refuses in words to continue what needs no continuing', async () => {
  const on = await stage();
  const id = await on.core.start();
  const refusal = () => {
    try {
      on.core.sessions.continue(id, newCommandId(), 'window');
      return 'done';
    } catch (error) {
      return String(error);
    }
  };
  expect(refusal()).toContain('has had no turn');
  on.core.send(id, 'one');
  await on.core.turnEnded(id);
  expect(refusal()).toContain('came to its end (completed)');
  working(on.agent);
  on.core.send(id, 'two');
  await on.core.until(id, (state) => state.openTools.length > 0);
  expect(refusal()).toContain('works');
  await dies(on, id);
  on.core.sessions.archive(id, newCommandId(), true, 'window');
  expect(refusal()).toContain('archived');
});

test('continuing twice at once is done once', async () => {
  const on = await stage();
  working(on.agent);
  const id = await on.core.start('build it');
  await dies(on, id);
  const commandId = newCommandId();
  on.core.sessions.continue(id, commandId, 'window');
  on.core.sessions.continue(id, commandId, 'window');
  expect(() => on.core.sessions.continue(id, newCommandId(), 'cli')).toThrow('goes on already');
  await on.core.until(id, (state) => state.turn?.turn === 2);
  expect(on.prompts().length).toBe(2);
});

test('a turn that broke on the network before the agent said anything is sent again, once', async () => {
  const on = await stage();
  failing(on.agent, NETWORK);
  const id = await on.core.start('build it');
  await on.core.until(id, ({ state }) => state === 'parked');
  expect(problemOf(on.core, id)?.kind).toBe('network');
  on.timers.advance(5_000);
  await on.core.turnEnded(id, 2);
  await quiet();
  expect(on.prompts()).toEqual(['build it', 'build it']);
  expect(on.core.state(id)).toMatchObject({ state: 'idle', parked: null, autoContinues: 1 });
  on.timers.advance(3_600_000);
  await quiet();
  expect(on.prompts()).toHaveLength(2);
  // After a turn that went well it may happen, and be mended, again.
  finishing(on.agent);
  on.core.send(id, 'again');
  await on.core.turnEnded(id, 3);
  failing(on.agent, NETWORK);
  on.core.send(id, 'and again');
  await on.core.until(id, ({ state }) => state === 'parked');
});

test('a turn that broke on the network after the agent had begun is continued', async () => {
  const on = await stage();
  on.agent.handlers['session/prompt'] = (process, request) => {
    process.chunk(String(request.params?.sessionId), 'I begin. ');
    process.say({ id: request.id, error: NETWORK });
    return SILENCE;
  };
  const id = await on.core.start('build it');
  await on.core.until(id, ({ state }) => state === 'parked');
  finishing(on.agent);
  on.timers.advance(5_000);
  await on.core.turnEnded(id, 2);
  expect(on.prompts()).toEqual(['build it', CONTINUE]);
  expect(on.core.state(id)).toMatchObject({ state: 'idle', autoContinues: 0 });
});

test('a limit parks the session until its time, and then it goes on by itself', async () => {
  const on = await stage();
  failing(on.agent, LIMIT_IN(3_600_000));
  const id = await on.core.start('build it');
  const { parked } = await on.core.until(id, ({ state }) => state === 'parked');
  expect(parked).toMatchObject({ attempt: 1, until: '2026-11-21T13:00:00.000Z' });
  finishing(on.agent);
  on.timers.advance(3_599_000);
  await quiet();
  expect(on.core.state(id).state).toBe('parked');
  on.timers.advance(1_000);
  await on.core.turnEnded(id, 2);
  expect(on.prompts()).toEqual(['build it', 'build it']);
  expect(
    on.core
      .events(id)
      .filter(({ type }) => type === 'session.unparked')
      .map((event) => event.type === 'session.unparked' && [event.goesOn, event.by]),
  ).toEqual([[true, 'host']]);
});

test('a limit that stays is tried again at growing pauses, until the budget is used up', async () => {
  const on = await stage();
  failing(on.agent, LIMIT_IN(60_000));
  const id = await on.core.start('build it');
  for (const attempt of [1, 2, 3]) {
    await on.core.until(id, ({ parked }) => parked?.attempt === attempt);
    on.timers.advance(15 * 60_000);
  }
  await on.core.turnEnded(id, 4);
  await quiet();
  expect(on.core.state(id)).toMatchObject({ state: 'idle', parked: null, autoContinues: 3 });
});

test.each(['cancel', 'send', 'resume'] as const)(
  'a person can %s a parked session',
  async (act) => {
    const on = await stage();
    working(on.agent);
    const id = await on.core.start('build it');
    on.core.send(id, 'then push');
    await on.core.until(id, (state) => state.openTools.length > 0);
    const request = on.process().heard.find(({ method }) => method === 'session/prompt');
    on.process().say({ id: request?.id, error: LIMIT_IN(3_600_000) });
    await on.core.until(id, ({ state }) => state === 'parked');
    finishing(on.agent);
    if (act === 'cancel') {
      expect(on.core.sessions.cancel(id, newCommandId(), 'cli')).toEqual({ state: 'idle' });
      on.timers.advance(7_200_000);
      await quiet();
      expect(on.prompts()).toEqual(['build it']);
      expect(on.core.state(id)).toMatchObject({ state: 'idle', held: true });
      return;
    }
    if (act === 'send') on.core.send(id, 'now');
    else await on.core.sessions.resume(id, newCommandId(), 'cli');
    await on.core.until(id, (state) => state.queue.length === 0 && state.state === 'idle');
    expect(on.prompts()).toEqual([
      'build it',
      ...(act === 'send' ? ['then push', 'now'] : [expect.stringContaining(CONTINUE), 'then push']),
    ]);
    on.timers.advance(7_200_000);
    await quiet();
    expect(on.prompts()).toHaveLength(3);
  },
);

test('the next host waits on for a parked session, and goes on when its time came meanwhile', async () => {
  const first = await stage();
  failing(first.agent, LIMIT_IN(3_600_000));
  const id = await first.core.start('build it');
  await first.core.until(id, ({ state }) => state === 'parked');
  first.core.leave();
  open.splice(open.indexOf(first.core), 1);
  finishing(first.agent);
  first.timers.advance(3_000_000);
  const second = await coreOf(first.keeper, first.timers, {}, first.core.folder);
  expect(second.state(id).state).toBe('parked');
  second.leave();
  open.splice(open.indexOf(second), 1);
  // This one sleeps through it.
  const timers = new FakeTimers();
  timers.advance(5_000_000);
  const third = await coreOf(first.keeper, timers, {}, first.core.folder);
  await third.turnEnded(id, 2);
  expect(first.prompts()).toEqual(['build it', 'build it']);
});

test('a clock set forward does not end the wait, unless it stays so', async () => {
  const on = await stage();
  let aheadMs = 0;
  const core = await (async () => {
    on.core.leave();
    open.splice(open.indexOf(on.core), 1);
    const made = new HostCore({
      pipes: on.keeper.connect(),
      folder: on.core.folder,
      recovery: {
        timers: on.timers,
        steadyMs: () => BASE_MS + on.timers.nowMs(),
        wallMs: () => BASE_MS + on.timers.nowMs() + aheadMs,
      },
    });
    open.push(made);
    return await made.restore();
  })();
  failing(on.agent, LIMIT_IN(3_600_000));
  const id = await core.start('build it');
  await core.until(id, ({ state }) => state === 'parked');
  aheadMs = 86_400_000;
  on.timers.advance(5 * 60_000);
  aheadMs = 0;
  on.timers.advance(60_000);
  aheadMs = 86_400_000;
  on.timers.advance(9 * 60_000);
  expect(core.state(id).state).toBe('parked');
  finishing(on.agent);
  on.timers.advance(3 * 60_000);
  await core.turnEnded(id, 2);
});

test('what Porchlight was told to stop is not started again by itself', async () => {
  const on = await stage({ afterInterruption: 'continue' });
  working(on.agent);
  const id = await on.core.start('build it');
  await on.core.until(id, (state) => state.openTools.length > 0);
  on.core.driver.stopping();
  on.core.sessions.goingOn.stopping();
  await dies(on, id);
  await quiet();
  expect(on.core.state(id)).toMatchObject({ state: 'idle', queue: [] });
  on.core.sessions.continue(id, newCommandId(), 'window');
});

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent } from '../../../fakes/scripted-agent.ts';
import {
  eventually,
  HIBERNATE_AFTER_MS,
  HostCore,
  newCommandId,
  profile,
  quiet,
} from '../support/host-core.ts';

let scripted: ScriptedAgent;
let keeper: MemoryKeeper;
let core: HostCore;
const cores: HostCore[] = [];

function host(needs: Partial<ConstructorParameters<typeof HostCore>[0]> = {}): HostCore {
  const made = new HostCore({ ...needs, pipes: needs.pipes ?? keeper.connect() });
  cores.push(made);
  return made;
}
const running = () => keeper.statuses().filter(({ state }) => state === 'running').length;
const instance = (id: SessionId): string => core.state(id).instance ?? 'none';
/** Time passes without anything happening. */
async function passes(ms: number): Promise<void> {
  await core.hibernation.look();
  core.steadyMs += ms;
  await core.hibernation.look();
  await quiet();
}
async function idleSession(prompt = 'hello'): Promise<SessionId> {
  const id = await core.start(prompt);
  await core.turnEnded(id);
  await quiet();
  return id;
}
const toolCall = (status: string) => ({
  sessionUpdate: 'tool_call',
  toolCallId: 'call',
  title: 'npm run dev',
  kind: 'execute',
  status,
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  scripted = new ScriptedAgent();
  scripted.handlers['session/prompt'] = (process, { params }) => {
    const session = String(params?.sessionId);
    if (JSON.stringify(params).includes('serve')) {
      process.update(session, toolCall('in_progress'));
      keeper.startBelow(process.io.spec.instance);
      process.update(session, { ...toolCall('completed'), sessionUpdate: 'tool_call_update' });
    }
    if (JSON.stringify(params).includes('hang')) return SILENCE;
    return { stopReason: 'end_turn' };
  };
  keeper = new MemoryKeeper({ scripted: scripted.agent });
  core = host();
});
afterEach(() => {
  for (const each of cores.splice(0)) each.close();
  vi.useRealTimers();
});

describe('an idle agent', () => {
  test('is ended after its time and not before; the next prompt brings it back with its conversation', async () => {
    const id = await idleSession();
    const before = core.state(id);
    await passes(HIBERNATE_AFTER_MS - 60_000);
    expect(running()).toBe(1);
    await passes(60_000);
    expect([running(), core.state(id)]).toMatchObject([
      0,
      { state: 'idle', instance: null, problem: null, mode: before.mode },
    ]);
    core.send(id, 'again');
    await core.turnEnded(id, 2);
    const told = core.events(id).flatMap((event): object[] => {
      if (event.type === 'agent.exited')
        return [{ expected: event.expected, hibernated: event.hibernated }];
      if (event.type !== 'agent.started') return [];
      return [{ loaded: event.loaded, agentSession: event.agentSession }];
    });
    const { agentSession } = before;
    expect(told).toEqual([
      { loaded: false, agentSession },
      { expected: true, hibernated: true },
      { loaded: true, agentSession },
    ]);
    expect(core.types(id)).not.toContain('notice');
  });

  test('stays while a turn runs, an approval is open, a sibling works, or it is being asked something', async () => {
    const working = await core.start('hang');
    const idle = await idleSession();
    expect(instance(idle)).toBe(instance(working));
    await passes(2 * HIBERNATE_AFTER_MS);
    expect(running()).toBe(1);
    scripted.handlers['session/cancel'] = SILENT;
    const [process] = scripted.processes;
    process?.ask(String(core.state(working).agentSession), 'ls');
    await core.approval(working);
    await passes(2 * HIBERNATE_AFTER_MS);
    expect(running()).toBe(1);
  });

  test('stays while a mode is being changed', async () => {
    const id = await idleSession();
    scripted.handlers['session/set_mode'] = SILENT;
    void core.setMode(id, 'edits').catch(() => {});
    await quiet();
    await passes(2 * HIBERNATE_AFTER_MS);
    expect(running()).toBe(1);
  });

  test('stays while what a tool left in the background runs, and no longer', async () => {
    const id = await idleSession('serve');
    const server = 1_001;
    await passes(HIBERNATE_AFTER_MS);
    expect(running()).toBe(1);
    keeper.endBelow(instance(id), server);
    await passes(60_000);
    expect(running()).toBe(0);
  });

  test('is known for itself also where the keeper answers after its first tool call', async () => {
    const pipes = keeper.connect();
    const { processes } = pipes;
    pipes.processes = async (instanceId) => {
      const found = await processes.call(pipes, instanceId);
      await quiet();
      return found;
    };
    core = host({ pipes });
    const id = await idleSession('serve');
    await passes(HIBERNATE_AFTER_MS);
    expect(running()).toBe(1);
    keeper.endBelow(instance(id), 1_001);
    await passes(60_000);
    expect(running()).toBe(0);
  });

  test('stays where an older keeper cannot say what runs', async () => {
    keeper.isOlder = true;
    await idleSession();
    await passes(2 * HIBERNATE_AFTER_MS);
    expect(running()).toBe(1);
  });

  test('stays where it could not take its conversation up again', async () => {
    core = host({ profile: { ...profile, canLoad: false } });
    await idleSession();
    await passes(2 * HIBERNATE_AFTER_MS);
    expect(running()).toBe(1);
  });

  test('what it started for itself, also somewhat later, is no work in the background', async () => {
    scripted.handlers['session/new'] = (process) => {
      keeper.startBelow(process.io.spec.instance);
      return { sessionId: 'one' };
    };
    const id = await idleSession();
    keeper.startBelow(instance(id));
    await vi.advanceTimersByTimeAsync(10_000);
    await passes(HIBERNATE_AFTER_MS);
    expect(running()).toBe(0);
  });

  test('a session that joins one which has used tools brings its own; a server stays known as none of them', async () => {
    const first = await idleSession('serve');
    let binary = 0;
    scripted.handlers['session/new'] = (process) => {
      binary = keeper.startBelow(process.io.spec.instance);
      // Its own server below it, and one that a tool of the sibling starts meanwhile.
      keeper.startBelow(process.io.spec.instance, binary);
      return { sessionId: 'two' };
    };
    const second = await idleSession();
    expect(instance(second)).toBe(instance(first));
    await passes(HIBERNATE_AFTER_MS);
    expect(running()).toBe(1);
    keeper.endBelow(instance(first), 1_001);
    await passes(60_000);
    expect(running()).toBe(0);
  });

  test('after a restart of the host, the time before it counts, and its own processes are known', async () => {
    const id = await idleSession();
    core.leave();
    const { folder } = core;
    core = await host({ folder }).restore();
    core.clockAheadMs = HIBERNATE_AFTER_MS;
    expect(instance(id)).not.toBe('none');
    await core.hibernation.look();
    await quiet();
    expect(running()).toBe(0);
  });

  test('a clock that jumps ahead ends nothing', async () => {
    const id = await idleSession();
    await core.hibernation.look();
    core.clockAheadMs = 24 * 3_600_000;
    core.sessions.rename(id, newCommandId(), 'Seen between two looks', 'test');
    await core.hibernation.look();
    await passes(HIBERNATE_AFTER_MS / 2);
    expect(running()).toBe(1);
  });

  test('a prompt while it is being ended waits for that, and runs', async () => {
    const id = await idleSession();
    await core.hibernation.look();
    core.steadyMs += HIBERNATE_AFTER_MS;
    const looking = core.hibernation.look();
    await looking;
    core.send(id, 'at the worst moment');
    expect((await core.turnEnded(id, 2)).turn?.outcome).toBe('completed');
    expect(core.types(id).filter((type) => type === 'agent.started')).toHaveLength(2);
  });

  test('a prompt while the keeper is asked what runs keeps it', async () => {
    const id = await idleSession();
    await core.hibernation.look();
    core.steadyMs += HIBERNATE_AFTER_MS;
    const looking = core.hibernation.look();
    core.send(id, 'hang');
    await looking;
    await quiet();
    expect([running(), core.state(id).state]).toEqual([1, 'working']);
  });

  test('with a new mode and a new setting meanwhile, it comes back in them', async () => {
    const id = await idleSession();
    await passes(HIBERNATE_AFTER_MS);
    await core.setMode(id, 'edits');
    core.send(id, 'go on');
    await core.turnEnded(id, 2);
    expect(core.state(id)).toMatchObject({ mode: 'edits', nativeMode: 'edits' });
  });
});

test('of 64 idle sessions none starts a process with a host that starts without its keeper', async () => {
  const ids = await Promise.all(Array.from({ length: 64 }, async () => await core.start()));
  const waiting = ids[7];
  if (waiting === undefined) throw new Error('no session');
  core.leave();
  const disk = core.folder;
  // The machine was started anew: nothing of the old keeper is left.
  keeper = new MemoryKeeper({ scripted: scripted.agent });
  core = await host({ folder: disk }).restore();
  await quiet();
  expect([keeper.statuses().length, ids.map((id) => core.state(id).state)]).toEqual([
    0,
    ids.map(() => 'idle'),
  ]);
  core.send(waiting, 'wake up');
  await core.turnEnded(waiting);
  expect([running(), ids.filter((id) => core.state(id).instance !== null)]).toEqual([1, [waiting]]);
});

describe('settings that a session had', () => {
  const select = (id: string, current: string, ...values: string[]) => ({
    id,
    name: id,
    type: 'select',
    currentValue: current,
    options: values.map((value) => ({ value, name: value.toUpperCase() })),
  });
  const notices = (id: SessionId) =>
    core.events(id).flatMap((event) => (event.type === 'notice' ? [event.text] : []));

  test('are set again where session/load lost them, the model first, and that is said', async () => {
    let model = 'small';
    let effort = 'low';
    const options = () => [
      select('model', model, 'small', 'large'),
      select('effort', effort, 'low', ...(model === 'large' ? ['max'] : [])),
    ];
    scripted.handlers['session/new'] = () => ({ sessionId: 'one', configOptions: options() });
    scripted.handlers['session/load'] = () => {
      model = 'small';
      effort = 'low';
      return { configOptions: options() };
    };
    scripted.handlers['session/set_config_option'] = (_, { params }) => {
      if (params?.configId === 'model') model = String(params.value);
      else effort = String(params?.value);
      return { configOptions: options() };
    };
    const id = await idleSession();
    await core.sessions.setOption(id, newCommandId(), 'model', 'large');
    await core.sessions.setOption(id, newCommandId(), 'effort', 'max');
    const chosen = await core.until(id, (state) => state.options[1]?.current === 'max');
    await passes(HIBERNATE_AFTER_MS);
    expect(running()).toBe(0);
    core.send(id, 'go on');
    await core.turnEnded(id, 2);
    expect([core.state(id).options, notices(id)]).toEqual([
      chosen.options,
      [
        'The agent came back without model = LARGE; it was set again.',
        'The agent came back without effort = MAX; it was set again.',
      ],
    ]);
  });

  test('that the agent no longer offers are said to be gone, and the session goes on', async () => {
    scripted.handlers['session/new'] = () => ({
      sessionId: 'one',
      configOptions: [select('model', 'old', 'old')],
    });
    scripted.handlers['session/load'] = () => ({ configOptions: [select('model', 'new', 'new')] });
    const id = await idleSession();
    await passes(HIBERNATE_AFTER_MS);
    core.send(id, 'go on');
    await core.turnEnded(id, 2);
    expect(notices(id)).toEqual(['The agent no longer offers model = old; it goes on with NEW.']);
  });

  test('can be changed while its agent is at rest: that brings it back', async () => {
    let model = 'a';
    const options = () => [select('model', model, 'a', 'b')];
    scripted.handlers['session/new'] = () => ({ sessionId: 'one', configOptions: options() });
    scripted.handlers['session/load'] = () => ({ configOptions: options() });
    scripted.handlers['session/set_config_option'] = (_, { params }) => {
      model = String(params?.value);
      return { configOptions: options() };
    };
    const id = await idleSession();
    await passes(HIBERNATE_AFTER_MS);
    await core.sessions.setOption(id, newCommandId(), 'model', 'b');
    await eventually(() => core.state(id).options[0]?.current === 'b' || null);
  });
});

const SILENT = () => SILENCE;

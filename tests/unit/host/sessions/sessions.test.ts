import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { StoreFull, type Store } from '../../../../src/host/event-log/store.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent, type Heard } from '../../../fakes/scripted-agent.ts';
import {
  eventually,
  HostCore,
  newCommandId,
  newFolder,
  profile,
  quiet,
  text,
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
/** Holds launches up until `go` is called. */
function gate() {
  let go: () => void = () => {};
  let isShut = false;
  let isReached = false;
  return {
    reached: async () => await eventually(() => isReached || null),
    shut: () => void (isShut = true),
    go: () => go(),
    pass: async () => {
      if (!isShut) return;
      isShut = false;
      isReached = true;
      await new Promise<void>((resolve) => (go = resolve));
    },
  };
}
const stop = (id: SessionId) => core.sessions.stop(id, newCommandId(), 'test');
const resume = async (id: SessionId) => await core.sessions.resume(id, newCommandId(), 'test');
const mode = async (id: SessionId, wanted: 'ask' | 'edits' | 'auto') =>
  await core.setMode(id, wanted);
const modesAsked = (): Heard[] =>
  scripted.processes
    .flatMap(({ heard }) => heard)
    .filter(({ method }) => method === 'session/set_mode');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  scripted = new ScriptedAgent();
  keeper = new MemoryKeeper({ scripted: scripted.agent });
  core = host();
});
afterEach(() => {
  for (const each of cores.splice(0)) each.close();
  vi.useRealTimers();
});

describe('resume', () => {
  test('twice at once brings one agent, and both hear of it when it is there', async () => {
    const id = await core.start();
    stop(id);
    expect(await Promise.all([resume(id), resume(id)])).toEqual([
      { state: 'idle' },
      { state: 'idle' },
    ]);
    expect(core.types(id).filter((type) => type === 'agent.starting')).toHaveLength(2);
  });

  test('sent again after the session was stopped, it gives its first answer and starts nothing', async () => {
    const id = await core.start();
    stop(id);
    const commandId = newCommandId();
    await core.sessions.resume(id, commandId, 'test');
    stop(id);
    expect(await core.sessions.resume(id, commandId, 'test')).toEqual({ state: 'idle' });
    expect(core.state(id).state).toBe('ended');
  });

  test('a stop while the agent is on its way holds', async () => {
    const door = gate();
    core = host({ beforeLaunch: door.pass });
    const id = await core.start();
    stop(id);
    door.shut();
    const resumed = resume(id);
    await door.reached();
    stop(id);
    door.go();
    expect([await resumed, core.state(id).state]).toEqual([{ state: 'ended' }, 'ended']);
    expect(await resume(id)).toEqual({ state: 'idle' });
  });

  test('a mode set while the agent is on its way is the one it gets', async () => {
    const door = gate();
    core = host({ beforeLaunch: door.pass });
    const id = await core.start();
    await mode(id, 'auto');
    stop(id);
    door.shut();
    const resumed = resume(id);
    await door.reached();
    await mode(id, 'ask');
    door.go();
    await resumed;
    expect(core.state(id)).toMatchObject({ mode: 'ask', nativeMode: 'ask', state: 'idle' });
  });

  test('with its folder gone it fails in words', async () => {
    const cwd = newFolder();
    const { sessionId: id } = await core.sessions.start(
      { commandId: newCommandId(), cwd, share: false },
      'test',
    );
    stop(id);
    rmSync(cwd, { recursive: true });
    await expect(resume(id)).rejects.toThrow(`The folder ${cwd} does not exist`);
    expect(core.state(id).state).toBe('failed');
  });
});

describe('a session that was starting when its host and keeper went', () => {
  test.each([undefined, 'work'])('starts again (prompt: %s)', async (prompt) => {
    scripted.handlers.initialize = () => SILENCE;
    void core.start(prompt).catch(() => {});
    const [id] = await eventually(() => {
      const ids = [...core.log.states().keys()];
      return scripted.count('initialize') > 0 ? ids : null;
    });
    if (id === undefined) throw new Error('no session');
    core.leave();
    cores.splice(cores.indexOf(core), 1);
    keeper.die();
    delete scripted.handlers.initialize;
    scripted = new ScriptedAgent();
    keeper = new MemoryKeeper({ scripted: scripted.agent });
    core = await host({ folder: core.folder }).restore();
    const state = await core.until(id, (each) => each.state === 'idle');
    expect([state.turn?.outcome, state.queue]).toEqual([prompt && 'completed', []]);
  });
});

describe('start', () => {
  test('sent again it gives the same session, though its folder is gone by now', async () => {
    const cwd = newFolder();
    const params = { commandId: newCommandId(), cwd, share: false };
    const first = await core.sessions.start(params, 'test');
    rmSync(cwd, { recursive: true });
    expect(await core.sessions.start(params, 'test')).toEqual(first);
  });

  test('two with one command id make one session', async () => {
    const params = { commandId: newCommandId(), cwd: core.folder, share: false };
    const [a, b] = await Promise.all([
      core.sessions.start(params, 'test'),
      core.sessions.start(params, 'test'),
    ]);
    expect([a.sessionId === b.sessionId, core.log.states().size]).toEqual([true, 1]);
  });
});

describe('the queue', () => {
  test('prompts run one after the other; one can be taken back until it runs', async () => {
    scripted.handlers['session/prompt'] = () => SILENCE;
    const id = await core.start('one');
    const [second, third] = [newCommandId(), newCommandId()];
    expect(core.sessions.send(id, second, text('two'), 'test').position).toBe(1);
    expect(core.sessions.send(id, third, text('three'), 'test').position).toBe(2);
    core.sessions.unqueue(id, newCommandId(), second, 'test');
    expect(() => core.sessions.unqueue(id, newCommandId(), second, 'test')).toThrow(
      'no longer waits',
    );
    expect(core.state(id).queue.map(({ commandId }) => commandId)).toEqual([third]);
  });

  test('takes no more than surfaces can be shown, in number and in bytes', async () => {
    scripted.handlers['session/prompt'] = () => SILENCE;
    const id = await core.start('one');
    for (let n = 0; n < 8; n += 1) core.send(id, 'x'.repeat(990_000));
    expect(() => core.send(id, 'x'.repeat(990_000))).toThrow(
      /would take 8\.5 MiB; the limit is 8\.0 MiB/,
    );
    const other = await core.start('one');
    for (let n = 0; n < 50; n += 1) core.send(other, 'x');
    expect(() => core.send(other, 'x')).toThrow('50 prompts wait already');
  });

  test('after a turn that was cut short it is held until the person sends something', async () => {
    scripted.handlers['session/prompt'] = () => SILENCE;
    const id = await core.start('run the tests');
    core.send(id, 'push');
    await eventually(() => scripted.processes[0] ?? null);
    scripted.processes[0]?.io.exit(1);
    await core.turnEnded(id);
    await quiet();
    expect(core.state(id)).toMatchObject({ state: 'idle', held: true, queue: [{}] });
    scripted.handlers['session/prompt'] = () => ({ stopReason: 'end_turn' });
    core.send(id, 'go on');
    await core.turnEnded(id, 3);
    expect(core.state(id).queue).toEqual([]);
  });
});

test('a held queue of an agent that lives goes on, in its order, when the person says so', async () => {
  scripted.handlers['session/prompt'] = () => SILENCE;
  const id = await core.start('one');
  for (const prompt of ['two', 'three']) core.send(id, prompt);
  const [first] = await eventually(() => scripted.processes[0]?.heard.slice(-1) ?? null);
  scripted.processes[0]?.say({ id: first?.id, error: { code: -32603, message: 'no such model' } });
  await core.turnEnded(id);
  expect(core.state(id)).toMatchObject({ state: 'idle', held: true });
  const heard: unknown[] = [];
  scripted.handlers['session/prompt'] = (_, { params }) => {
    heard.push(params?.prompt);
    return { stopReason: 'end_turn' };
  };
  expect(await resume(id)).toEqual({ state: 'working' });
  await core.turnEnded(id, 3);
  expect([heard, core.state(id).queue]).toEqual([[text('two'), text('three')], []]);
});

describe('mode', () => {
  test('asked for right after another one, it is in force only when the agent has taken it', async () => {
    const id = await core.start();
    scripted.handlers['session/set_mode'] = () => SILENCE;
    const edits = mode(id, 'edits');
    await eventually(() => modesAsked()[1] ?? null);
    let isDone = false;
    const ask = mode(id, 'ask').then((result) => {
      isDone = true;
      return result;
    });
    const [, first, second] = await eventually(() =>
      modesAsked().length === 3 ? modesAsked() : null,
    );
    await quiet();
    expect(isDone).toBe(false);
    if (first) scripted.processes[0]?.answer(first, {});
    if (second) scripted.processes[0]?.answer(second, {});
    expect(await ask).toEqual({ mode: 'ask', version: 3 });
    await expect(edits).rejects.toThrow(
      'The agent did not take the mode edits: it is in the mode ask.',
    );
  });

  test('a refusal is told in the words of the agent, other notices are none', async () => {
    const id = await core.start();
    scripted.handlers['session/set_mode'] = (process, request) => {
      process.io.say('garbage');
      process.say({ id: request.id, error: { code: -32000, message: 'not in this folder' } });
      return SILENCE;
    };
    await expect(mode(id, 'edits')).rejects.toThrow(
      'The agent did not take the mode edits: not in this folder',
    );
    expect(core.state(id).mode).toBe('ask');
  });

  test('of an agent that takes it at its start is changed while it does not run', async () => {
    core = host({
      profile: { ...profile, modes: { by: 'launch', native: { ask: 'a', auto: 'b' } } },
    });
    const id = await core.start();
    await expect(mode(id, 'auto')).rejects.toThrow('stop the session, set the mode and resume it');
    stop(id);
    await mode(id, 'auto');
    await resume(id);
    expect(core.state(id)).toMatchObject({ mode: 'auto', nativeMode: 'b' });
  });

  test('cannot be changed unseen, as one of the options of the agent', async () => {
    scripted.handlers['session/new'] = () => ({
      sessionId: 'with-options',
      configOptions: [
        { id: 'mode', name: 'Mode', type: 'select', currentValue: 'ask', options: [] },
        { id: 'fast', name: 'Fast', type: 'boolean', currentValue: false },
      ],
    });
    scripted.handlers['session/set_config_option'] = () => ({});
    const id = await core.start();
    const set = async (option: string) =>
      await core.sessions.setOption(id, newCommandId(), option, true);
    await expect(set('mode')).rejects.toThrow('is no setting of its agent');
    await expect(set('unheard')).rejects.toThrow('no setting "unheard"');
    await set('fast');
    await eventually(() => scripted.count('session/set_config_option') || null);
  });
});

test('a full disk puts off the agent of a session, and it comes when there is room', async () => {
  let isFull = false;
  let refused = 0;
  const around = (store: Store): Store =>
    new Proxy(store, {
      get: (target, name: keyof Store) => {
        const value = target[name];
        if (name !== 'commit') return typeof value === 'function' ? value.bind(target) : value;
        return (work: never) => {
          if (isFull && (refused += 1)) throw new StoreFull('the disk is full');
          return target.commit(work);
        };
      },
    });
  const door = gate();
  core = host({ around, beforeLaunch: door.pass });
  const id = await core.start();
  stop(id);
  door.shut();
  core.send(id, 'work');
  await door.reached();
  isFull = true;
  door.go();
  await eventually(() => refused || null);
  await quiet();
  expect(core.state(id).state).toBe('ended');
  isFull = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect((await core.turnEnded(id)).turn?.outcome).toBe('completed');
});

test('an archived session takes no prompt, is not resumed, and is back when unarchived', async () => {
  const id = await core.start();
  core.sessions.archive(id, newCommandId(), true, 'test');
  expect(() => core.send(id, 'x')).toThrow('is archived');
  await expect(resume(id)).rejects.toThrow('is archived');
  core.sessions.archive(id, newCommandId(), false, 'test');
  core.send(id, 'x');
  expect((await core.turnEnded(id)).turn?.outcome).toBe('completed');
});

test('a title of blanks is refused, and unknown sessions are named', async () => {
  const id = await core.start();
  const rename = (title: string) => core.sessions.rename(id, newCommandId(), title, 'test');
  expect(() => rename('  ')).toThrow('The title is empty.');
  rename(' Mine ');
  expect(core.state(id)).toMatchObject({ title: 'Mine', named: true });
  expect(() => core.state('s_000000000000' as SessionId)).toThrow(/no session s_000000000000/);
});

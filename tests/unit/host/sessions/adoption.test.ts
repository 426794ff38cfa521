import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Holder } from '../../../../src/host/agents/open-elsewhere/open-elsewhere.ts';
import { StoreFull, type Store } from '../../../../src/host/event-log/store.ts';
import type { ParsedParams } from '../../../../src/protocol/methods.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import {
  SILENCE,
  type ScriptedAgent,
  type ScriptedProcess,
} from '../../../fakes/scripted-agent.ts';
import { eventually, HostCore, newCommandId, profile, quiet } from '../support/host-core.ts';
import { OLD, tellingAgent, tellPorch, told } from '../support/telling-agent.ts';

let scripted: ScriptedAgent;
let keeper: MemoryKeeper;
let holder: Holder | null;
const cores: HostCore[] = [];

function host(needs: Partial<ConstructorParameters<typeof HostCore>[0]> = {}): HostCore {
  const core = new HostCore({ pipes: keeper.connect(), holder: () => holder, ...needs });
  cores.push(core);
  return core;
}

const asked = (more: Partial<ParsedParams<'session.adopt'>> = {}) => ({
  commandId: newCommandId(),
  agentSession: 'old',
  share: false,
  ...more,
});
const adopt = async (core: HostCore, more: Partial<ParsedParams<'session.adopt'>> = {}) =>
  (await core.adoption.adopt(asked(more), 'test')).sessionId;
const running = () => keeper.statuses().filter(({ state }) => state === 'running').length;

const WHOLE = [
  'user: paint the porch',
  'tool: brush completed',
  'agent: It is blue now.',
  'plan: 1',
  'tool: dangling failed',
  'notice',
  'started',
];

beforeEach(() => {
  scripted = tellingAgent();
  keeper = new MemoryKeeper({ scripted: scripted.agent });
  holder = null;
});
afterEach(() => {
  vi.useRealTimers();
  for (const core of cores.splice(0)) core.close();
});

test('a conversation of a folder that whoever asks may not use is not adopted', async () => {
  const core = host();
  const looked: string[] = [];
  const mayWorkIn = async (folder: string) => {
    looked.push(folder);
    throw new Error('not there');
  };
  await expect(core.adoption.adopt(asked(), 'Pixel 9', mayWorkIn)).rejects.toThrow('not there');
  expect([looked, core.log.states().size]).toEqual([['/tmp'], 0]);
});

test('an adopted conversation is a session in its folder, in mode ask, with its history', async () => {
  const core = host();
  const id = await adopt(core);
  expect(core.events(id)[0]).toMatchObject({ type: 'session.created', adopts: 'old' });
  expect(told(core.events(id))).toEqual(WHOLE);
  expect(core.state(id)).toMatchObject({
    title: 'The porch',
    named: true,
    cwd: '/tmp',
    worktree: null,
    mode: 'ask',
    state: 'idle',
    agentSession: 'old',
    openTools: [],
    turn: null,
  });
  expect(scripted.told()).toEqual([
    'initialize',
    'session/list',
    'initialize',
    'session/load',
    'session/set_mode',
  ]);
  core.send(id, 'and the door');
  await core.turnEnded(id);
  expect(scripted.processes.at(-1)?.heard.at(-1)?.params).toMatchObject({ sessionId: 'old' });
});

test('a call that was asked for in pieces stands where it began, with all that was said of it', async () => {
  const core = host();
  const brush = core
    .events(await adopt(core))
    .find((event) => event.type === 'tool.updated' && event.toolCallId === 'brush');
  expect(brush).toMatchObject({ title: 'brush', status: 'completed', output: 'blue' });
});

test('loaded again later, its history is not told twice', async () => {
  const core = host();
  const id = await adopt(core);
  core.sessions.stop(id, newCommandId(), 'test');
  await quiet();
  await core.sessions.resume(id, newCommandId(), 'test');
  expect(told(core.events(id))).toEqual([...WHOLE, 'started']);
});

test('sent again, the command gives the same session; asked anew, the conversation is here already', async () => {
  const core = host();
  const params = asked();
  const { sessionId } = await core.adoption.adopt(params, 'test');
  expect(await core.adoption.adopt(params, 'test')).toEqual({ sessionId });
  await expect(adopt(core)).rejects.toThrow(
    `That conversation is here already, as the session ${sessionId} (The porch).`,
  );
});

test('of two who adopt it at once, one does', async () => {
  const core = host();
  const both = await Promise.allSettled([adopt(core), adopt(core)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(core.log.states().size).toBe(1);
});

test('a conversation of a session begun here is refused, and listed as its', async () => {
  scripted.handlers['session/new'] = () => ({ sessionId: 'old' });
  const core = host();
  const id = await core.start();
  await expect(adopt(core)).rejects.toThrow(id);
  const { conversations } = await core.adoption.conversations({});
  expect(conversations).toEqual([
    {
      agentSession: 'old',
      cwd: '/tmp',
      title: 'The porch',
      updatedAt: '2026-11-20T09:00:00.000Z',
      sessionId: id,
    },
  ]);
});

test('one that is open in a terminal is refused, with the words for it, also when shared', async () => {
  holder = { isSure: true, words: 'Open there.' };
  const core = host();
  await expect(adopt(core)).rejects.toThrow('Open there.');
  await expect(adopt(core, { share: true })).rejects.toThrow('Open there.');
  expect(core.log.states().size).toBe(0);
});

test('where that is not sure, the person may say that it is another one', async () => {
  holder = { isSure: false, words: 'Perhaps open.' };
  const core = host();
  await expect(adopt(core)).rejects.toThrow('Perhaps open. ');
  expect(core.state(await adopt(core, { share: true }))).toMatchObject({ shared: true });
});

test('in a folder where another session works it is refused, unless shared on purpose', async () => {
  const core = host();
  const other = await core.start();
  const { cwd } = core.state(other);
  scripted.handlers['session/list'] = () => ({ sessions: [{ ...OLD, cwd }] });
  await expect(adopt(core)).rejects.toThrow(other);
  const id = await adopt(core, { share: true });
  expect(core.state(id)).toMatchObject({ cwd, shared: true, state: 'idle' });
  expect(told(core.events(id))).toEqual(WHOLE);
});

test.each([
  ['an unknown conversation', { agentSession: 'none' }, 'Scripted has no conversation none'],
  [
    'a folder that is gone',
    { cwd: '/no/such/folder' },
    'The folder /no/such/folder does not exist',
  ],
])('%s is refused in words', async (_, more, words) => {
  await expect(adopt(host(), more)).rejects.toThrow(words);
  await eventually(() => (running() === 0 ? true : null));
});

test('the folder of a conversation that has been removed since is refused', async () => {
  scripted.handlers['session/list'] = () => ({ sessions: [{ ...OLD, cwd: '/no/such/folder' }] });
  await expect(adopt(host())).rejects.toThrow('The folder /no/such/folder does not exist');
});

test('an agent that cannot load is refused before it is started', async () => {
  const core = host({ profile: { ...profile, canLoad: false } });
  await expect(adopt(core)).rejects.toThrow('Scripted cannot take up a conversation');
  expect(scripted.processes).toEqual([]);
});

test('an agent that lists nothing is believed the folder that the person names', async () => {
  scripted.handlers.initialize = () => ({
    protocolVersion: 1,
    agentCapabilities: { loadSession: true },
  });
  const core = host();
  await expect(adopt(core)).rejects.toThrow('name the folder with --cwd');
  const id = await adopt(core, { cwd: core.folder });
  expect(core.state(id)).toMatchObject({ cwd: core.folder, state: 'idle' });
  expect(told(core.events(id))).toEqual(WHOLE);
});

test('an agent that fails to load it leaves a failed session without history; resumed, it is whole', async () => {
  const load = scripted.handlers['session/load'];
  scripted.handlers['session/load'] = (process, request) => {
    tellPorch(process, 'old');
    process.say({ id: request.id, error: { code: -32603, message: 'the file is torn' } });
    return SILENCE;
  };
  const core = host();
  await expect(adopt(core)).rejects.toThrow('the file is torn');
  const [state] = core.log.states().values();
  if (state === undefined || load === undefined) throw new Error('no session');
  expect({ state: state.state, told: told(core.events(state.id)) }).toEqual({
    state: 'failed',
    told: [],
  });
  scripted.handlers['session/load'] = load;
  await core.sessions.resume(state.id, newCommandId(), 'test');
  expect(told(core.events(state.id))).toEqual(WHOLE);
});

test('adopted once more after it failed, the same session takes it up, unless it is open by now', async () => {
  const load = scripted.handlers['session/load'];
  scripted.handlers['session/load'] = (process, request) => {
    process.say({ id: request.id, error: { code: -32603, message: 'in use by another client' } });
    return SILENCE;
  };
  const core = host();
  await expect(adopt(core)).rejects.toThrow('in use by another client');
  await expect(adopt(core)).rejects.toThrow('in use by another client');
  if (load !== undefined) scripted.handlers['session/load'] = load;
  holder = { isSure: true, words: 'Open there.' };
  await expect(adopt(core)).rejects.toThrow('Open there.');
  holder = null;
  const id = await adopt(core);
  expect([...core.log.states().keys()]).toEqual([id]);
  expect(told(core.events(id))).toEqual(WHOLE);
});

test('an agent that dies while it tells leaves nothing of it; resumed, it is whole', async () => {
  const load = scripted.handlers['session/load'];
  scripted.handlers['session/load'] = (process) => {
    tellPorch(process, 'old');
    process.io.exit(1);
    return SILENCE;
  };
  const core = host();
  await expect(adopt(core)).rejects.toThrow('exited with code 1');
  const [state] = core.log.states().values();
  if (state === undefined || load === undefined) throw new Error('no session');
  scripted.handlers['session/load'] = load;
  await core.sessions.resume(state.id, newCommandId(), 'test');
  expect(told(core.events(state.id))).toEqual(WHOLE);
});

test('an agent that cannot prove the mode is not trusted with the conversation', async () => {
  scripted.handlers['session/set_mode'] = (process, request) => {
    process.say({ id: request.id, error: { code: -32602, message: 'no' } });
    return SILENCE;
  };
  const core = host();
  await expect(adopt(core)).rejects.toThrow('cannot prove that it is in the mode ask');
  const [state] = core.log.states().values();
  expect({ state: state?.state, told: state && told(core.events(state.id)) }).toEqual({
    state: 'failed',
    told: [],
  });
});

test('a disk that is full for a while doubles nothing', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let isFull = false;
  const around = (store: Store): Store => {
    const commit = store.commit.bind(store);
    store.commit = (work) =>
      commit((writer) => {
        const result = work(writer);
        if (isFull) throw new StoreFull('full');
        return result;
      });
    return store;
  };
  let teller: ScriptedProcess | null = null;
  scripted.handlers['session/load'] = (process, request) => {
    teller = process;
    isFull = true;
    tellPorch(process, 'old');
    process.answer(request, null);
    return SILENCE;
  };
  const core = host({ around });
  const adopted = adopt(core);
  await eventually(() => teller);
  await quiet();
  isFull = false;
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told(core.events(await adopted))).toEqual(WHOLE);
});

test('a long history is waited for while it is told, and no longer', async () => {
  vi.useFakeTimers();
  let teller: ScriptedProcess | undefined;
  scripted.handlers['session/load'] = (process) => {
    teller = process;
    return SILENCE;
  };
  const core = host();
  const adopted = adopt(core).then(
    () => 'adopted',
    (error: Error) => error.message,
  );
  await vi.waitFor(() => expect(teller).toBeDefined());
  for (let second = 0; second < 120; second += 40) {
    teller?.chunk('old', 'more ');
    await vi.advanceTimersByTimeAsync(40_000);
  }
  expect([...core.log.states().values()][0]?.state).toBe('starting');
  await vi.advanceTimersByTimeAsync(120_000);
  expect(await adopted).toBe('The agent did not accept the session within 60 s.');
});

import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryKeeper } from '../../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent, type Heard } from '../../../../fakes/scripted-agent.ts';
import { eventually, HostCore, quiet } from '../../support/host-core.ts';

let scripted: ScriptedAgent;
let core: HostCore;

const session = ({ params }: Heard) => String(params?.sessionId);
const only = () => {
  const [process] = scripted.processes;
  if (process === undefined) throw new Error('no process');
  return process;
};
const requests = (method: string) => only().heard.filter((each) => each.method === method);
const lastRequest = (method: string): Heard => {
  const found = requests(method).at(-1);
  if (found === undefined) throw new Error(`no ${method}`);
  return found;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  scripted = new ScriptedAgent();
  core = new HostCore({ pipes: new MemoryKeeper({ scripted: scripted.agent }).connect() });
});
afterEach(() => {
  core.close();
  vi.useRealTimers();
});

test('an answer without a result, or with a null error beside it, is an answer', async () => {
  scripted.handlers['session/set_mode'] = (process, { id }) => {
    process.say({ id });
    return SILENCE;
  };
  scripted.handlers['session/prompt'] = (process, { id }) => {
    process.say({ id, result: { stopReason: 'end_turn' }, error: null });
    return SILENCE;
  };
  const id = await core.start('work');
  expect((await core.turnEnded(id)).turn?.outcome).toBe('completed');
});

test.each([
  ['an error of a shape of its own', { error: 'no' }],
  ['a result that is none', { result: 7 }],
])('%s ends the turn as failed', async (_, answer) => {
  scripted.handlers['session/prompt'] = (process, { id }) => {
    process.say({ id, ...answer });
    return SILENCE;
  };
  const id = await core.start('work');
  expect(await core.turnEnded(id)).toMatchObject({ turn: { outcome: 'failed' }, state: 'idle' });
});

test('a call too large to be shown is refused and said so; the turn goes on', async () => {
  scripted.handlers['session/prompt'] = (process, request) => {
    process.ask(session(request), 'x'.repeat(5 * 1024 * 1024), () =>
      process.answer(request, { stopReason: 'end_turn' }),
    );
    return SILENCE;
  };
  const id = await core.start('work');
  await core.turnEnded(id);
  expect(scripted.told().at(-1)).toBe('cancelled');
  expect(core.events(id).find(({ type }) => type === 'notice')).toMatchObject({
    text: expect.stringMatching(/a call of 5\.\d MiB; over 4\.0 MiB it cannot be shown/),
  });
});

test('two requests under one id: the first one is closed, the second can be answered', async () => {
  scripted.handlers['session/prompt'] = () => SILENCE;
  const id = await core.start('work');
  await eventually(() => requests('session/prompt')[0] ?? null);
  const ask = (command: string) =>
    only().say({
      id: 77,
      method: 'session/request_permission',
      params: {
        sessionId: session(lastRequest('session/prompt')),
        toolCall: { toolCallId: command, rawInput: { command } },
        options: [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }],
      },
    });
  ask('one');
  ask('two');
  const { approvals } = await core.until(id, (state) => state.approvals[0]?.toolCallId === 'two');
  const [approval] = approvals;
  expect([approvals.length, approval && (await core.allow(approval))]).toEqual([1, 'decided']);
});

test('settings told ahead of the answer to session/new are kept, those of a closed session are not', async () => {
  const commands = (name: string) => ({
    sessionUpdate: 'available_commands_update',
    availableCommands: [{ name, description: '' }],
  });
  scripted.handlers['session/new'] = (process) => {
    process.update('early', commands('right'));
    return { sessionId: 'early' };
  };
  const id = await core.start();
  for (let n = 0; n < 200; n += 1) only().update('nobody', commands('wrong'));
  await quiet();
  expect(core.state(id).commands.map(({ name }) => name)).toEqual(['right']);
  scripted.handlers['session/new'] = (process) => {
    process.update('early-2', commands('also right'));
    return { sessionId: 'early-2' };
  };
  expect(core.state(await core.start()).commands.map(({ name }) => name)).toEqual(['also right']);
});

test('an agent that uses one id for all its requests is answered each time', async () => {
  const ask = (process: ReturnType<typeof only>, request: Heard) =>
    process.say({
      id: 1,
      method: 'session/request_permission',
      params: {
        sessionId: session(request),
        toolCall: { toolCallId: 'call', rawInput: {} },
        options: [{ optionId: 'yes', name: 'Yes', kind: 'allow_once' }],
      },
    });
  scripted.handlers['session/prompt'] = (process, request) => {
    ask(process, request);
    process.io.onLine(() => ask(process, request));
    return SILENCE;
  };
  const id = await core.start('work');
  for (let n = 0; n < 5; n += 1) expect(await core.allow(await core.approval(id))).toBe('decided');
  await core.approval(id);
  const delivered = core.types(id).filter((type) => type === 'approval.delivered');
  expect(delivered).toHaveLength(5);
});

test('a program that only prints is given up after a thousand lines, or when it stays silent', async () => {
  scripted.handlers.initialize = (process) => {
    for (let n = 0; n < 1_000; n += 1) process.io.say(`hello ${n}`);
    return SILENCE;
  };
  await expect(core.start()).rejects.toThrow('printed 1000 lines that are not ACP');
  scripted.handlers.initialize = (process) => {
    process.io.say('welcome');
    return SILENCE;
  };
  const started = core.start().catch((error: Error) => error.message);
  await eventually(() => scripted.processes[1]?.heard[0] ?? null);
  await quiet();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await started).toMatch(/prints text that is not ACP and does not answer/);
});

test('an agent that lost a message and says nothing more is ended', async () => {
  scripted.handlers['session/prompt'] = (process) => {
    process.io.sayOversize(40 * 1024 * 1024);
    return SILENCE;
  };
  const id = await core.start('work');
  await eventually(() => (core.types(id).includes('notice') ? true : null));
  await vi.advanceTimersByTimeAsync(300_000);
  const { turn, problem } = await core.turnEnded(id);
  expect([turn?.outcome, problem?.kind]).toEqual(['interrupted', 'oversize']);
});

test('messages that the disk has lost are told once for all in a row, and the turn goes on', async () => {
  scripted.handlers['session/prompt'] = (process) => {
    for (let n = 0; n < 50; n += 1) process.io.sayOversize(0);
    return { stopReason: 'end_turn' };
  };
  const id = await core.start('work');
  expect((await core.turnEnded(id)).turn?.outcome).toBe('completed');
  const notices = core.events(id).flatMap((event) => (event.type === 'notice' ? event.text : []));
  expect(notices).toEqual([
    'Messages of the agent that waited on the disk for this host are damaged and were left out.',
  ]);
});

test('requests, notifications and updates that we do not know harm nothing', async () => {
  scripted.handlers['session/prompt'] = (process, request) => {
    process.say({ id: 'fs-1', method: 'fs/read_text_file', params: { path: '/etc/passwd' } });
    process.say({ method: 'brand/new', params: {} });
    process.update(session(request), { sessionUpdate: 'brand_new' });
    process.update('nobody', { sessionUpdate: 'plan' });
    process.say({ id: 99, method: 'session/request_permission', params: { options: 'none' } });
    return { stopReason: 'end_turn' };
  };
  const id = await core.start('work');
  expect((await core.turnEnded(id)).turn?.outcome).toBe('completed');
  const answers = await eventually(() => {
    const errors = only().heard.flatMap((each) => (each.error === undefined ? [] : [each.error]));
    return errors.length === 2 ? errors : null;
  });
  expect(answers).toEqual([
    { code: -32601, message: 'Method not found: fs/read_text_file' },
    { code: -32602, message: expect.stringContaining('cannot be read') },
  ]);
});

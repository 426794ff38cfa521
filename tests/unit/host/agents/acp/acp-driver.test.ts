import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SessionId } from '../../../../../src/protocol/ids.ts';
import { Fate, MortalPipes } from '../../../../fakes/mortal-host.ts';
import { MemoryKeeper } from '../../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent, type Heard } from '../../../../fakes/scripted-agent.ts';
import { eventually, HostCore, newCommandId, quiet } from '../../support/host-core.ts';

let scripted: ScriptedAgent;
let keeper: MemoryKeeper;
let core: HostCore;
const cores: HostCore[] = [];

function host(needs: Partial<ConstructorParameters<typeof HostCore>[0]> = {}): HostCore {
  const made = new HostCore({ ...needs, pipes: needs.pipes ?? keeper.connect() });
  cores.push(made);
  return made;
}
const stop = (id: SessionId) => core.sessions.stop(id, newCommandId(), 'test');
const cancel = (id: SessionId) => core.sessions.cancel(id, newCommandId(), 'test');
const resume = async (id: SessionId) => await core.sessions.resume(id, newCommandId(), 'test');
const session = ({ params }: Heard) => String(params?.sessionId);
const only = () => {
  const [process] = scripted.processes;
  if (process === undefined) throw new Error('no process');
  return process;
};
/** Requests of one method that were heard so far, by any process. */
const requests = (method: string) =>
  scripted.processes.flatMap(({ heard }) => heard).filter((each) => each.method === method);
const lastRequest = (method: string): Heard => {
  const found = requests(method).at(-1);
  if (found === undefined) throw new Error(`no ${method}`);
  return found;
};

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

describe('one process, several sessions', () => {
  test('two that start at once share the process that is just being initialized', async () => {
    const ids = await Promise.all([core.start(), core.start()]);
    expect([scripted.processes.length, scripted.count('initialize')]).toEqual([1, 1]);
    expect(ids.map((id) => core.state(id).state)).toEqual(['idle', 'idle']);
    expect(new Set(ids.map((id) => core.state(id).agentSession)).size).toBe(2);
  });

  test('its crash cuts short the turn of each, and each comes back with its next prompt', async () => {
    scripted.handlers['session/prompt'] = () => SILENCE;
    const ids = await Promise.all([core.start('a'), core.start('b')]);
    only().io.exit(9);
    for (const id of ids) expect((await core.turnEnded(id)).turn?.outcome).toBe('interrupted');
    scripted.handlers['session/prompt'] = () => ({ stopReason: 'end_turn' });
    for (const id of ids) core.send(id, 'again');
    for (const id of ids) expect((await core.turnEnded(id, 2)).turn?.outcome).toBe('completed');
    expect([scripted.processes.length, scripted.count('session/load')]).toEqual([2, 2]);
  });

  test('one that is stopped is closed at the agent; the last one ends the process', async () => {
    const [first, second] = [await core.start(), await core.start()];
    stop(first);
    await eventually(() => scripted.count('session/close') || null);
    expect(requests('session/close').map(session)).toEqual(['agent-session-1']);
    expect(keeper.statuses()).toHaveLength(1);
    stop(second);
    await eventually(() => (keeper.statuses().length === 0 ? true : null));
    expect(core.store.instances()).toEqual([]);
  });

  test('stopped while the agent opens it, what was opened is closed when it is there', async () => {
    await core.start();
    scripted.handlers['session/new'] = () => SILENCE;
    void core.start().catch(() => {});
    const asked = await eventually(() => requests('session/new')[1] ?? null);
    const id = [...core.log.states().keys()][1] as SessionId;
    stop(id);
    only().answer(asked, { sessionId: 'late' });
    await eventually(() => scripted.count('session/close') || null);
    expect([session(lastRequest('session/close')), core.state(id).state]).toEqual([
      'late',
      'ended',
    ]);
  });

  test('stopped and resumed before the agent has answered, it takes the second answer, not the first', async () => {
    await core.start();
    scripted.handlers['session/new'] = () => SILENCE;
    void core.start().catch(() => {});
    const first = await eventually(() => requests('session/new')[1] ?? null);
    const id = [...core.log.states().keys()][1] as SessionId;
    stop(id);
    const resumed = resume(id);
    const second = await eventually(() => requests('session/new')[2] ?? null);
    only().answer(first, { sessionId: 'late' });
    only().answer(second, { sessionId: 'right' });
    await resumed;
    expect(core.state(id)).toMatchObject({ state: 'idle', agentSession: 'right' });
  });

  test('one that the agent does not open in time fails alone', async () => {
    scripted.handlers['session/prompt'] = () => SILENCE;
    const working = await core.start('work');
    scripted.handlers['session/new'] = () => SILENCE;
    const late = core.start().catch((error: Error) => error.message);
    await eventually(() => requests('session/new')[1] ?? null);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await late).toBe('The agent did not accept the session within 60 s.');
    expect(core.state(working)).toMatchObject({ state: 'working' });
    expect(keeper.statuses()).toMatchObject([{ state: 'running' }]);
  });

  test('the time to open counts anew for one that is put on the same process again', async () => {
    await core.start();
    scripted.handlers['session/new'] = () => SILENCE;
    void core.start().catch(() => {});
    await eventually(() => requests('session/new')[1] ?? null);
    const id = [...core.log.states().keys()][1] as SessionId;
    await vi.advanceTimersByTimeAsync(50_000);
    stop(id);
    const resumed = resume(id);
    const asked = await eventually(() => requests('session/new')[2] ?? null);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(core.state(id).state).toBe('starting');
    only().answer(asked, { sessionId: 'slow' });
    await resumed;
    expect(core.state(id).state).toBe('idle');
  });
});

describe('cancel', () => {
  test('open approvals are answered cancelled before the agent hears of it, late ones after it', async () => {
    scripted.handlers['session/prompt'] = (process, request) => {
      process.ask(session(request), 'one');
      process.ask(session(request), 'two');
      return SILENCE;
    };
    const id = await core.start('work');
    const state = await core.until(id, ({ approvals }) => approvals.length === 2);
    cancel(id);
    only().ask(session(lastRequest('session/prompt')), 'three');
    await eventually(() => (scripted.told().length === 8 ? true : null));
    expect(scripted.told().slice(4)).toEqual([
      'cancelled',
      'cancelled',
      'session/cancel',
      'cancelled',
    ]);
    const [approval] = state.approvals;
    expect(approval && (await core.allow(approval))).toBe('superseded');
    only().answer(lastRequest('session/prompt'), { stopReason: 'end_turn' });
    expect((await core.turnEnded(id)).turn?.outcome).toBe('cancelled');
  });

  test('its time is that of one turn: a later turn that is cancelled has all of it', async () => {
    scripted.handlers['session/prompt'] = () => SILENCE;
    const id = await core.start('one');
    await eventually(() => requests('session/prompt')[0] ?? null);
    cancel(id);
    only().answer(lastRequest('session/prompt'), { stopReason: 'cancelled' });
    await core.turnEnded(id);
    await vi.advanceTimersByTimeAsync(14_000);
    core.send(id, 'two');
    await eventually(() => requests('session/prompt')[1] ?? null);
    cancel(id);
    await vi.advanceTimersByTimeAsync(2_000);
    await quiet();
    expect(core.state(id)).toMatchObject({ state: 'working' });
    await vi.advanceTimersByTimeAsync(14_000);
    const { turn, problem } = await core.turnEnded(id, 2);
    expect([turn?.outcome, problem?.kind]).toEqual(['cancelled', 'timeout']);
  });

  test('the answer to the prompt of a session that was stopped and resumed meanwhile says nothing of the next turn', async () => {
    await core.start();
    scripted.handlers['session/prompt'] = () => SILENCE;
    const id = await core.start('one');
    const first = await eventually(() => requests('session/prompt')[0] ?? null);
    stop(id);
    await resume(id);
    core.send(id, 'two');
    await eventually(() => requests('session/prompt')[1] ?? null);
    only().answer(first, { stopReason: 'cancelled' });
    await quiet();
    expect(core.state(id)).toMatchObject({ state: 'working', turn: { turn: 2, outcome: null } });
  });
});

describe('an answer that has not left', () => {
  /** The person allows it on a host that dies before the line is out; then `meanwhile` happens. */
  async function decidedUnsent(meanwhile: () => void): Promise<SessionId> {
    scripted.handlers['session/prompt'] = (process, request) => {
      process.ask(session(request), 'rm -r build');
      return SILENCE;
    };
    const fate = new Fate(Infinity, () => {});
    const dying = host({ pipes: new MortalPipes(keeper.connect(), fate) });
    const id = await dying.start('work');
    const approval = await dying.approval(id);
    fate.isDead = true;
    void dying.allow(approval);
    dying.leave();
    cores.splice(cores.indexOf(dying), 1);
    meanwhile();
    core = await host({ folder: dying.folder }).restore();
    return id;
  }

  test('goes out to an agent that still waits for it', async () => {
    const id = await decidedUnsent(() => {});
    await eventually(() => scripted.count('yes') || null);
    await eventually(() => (core.types(id).includes('approval.delivered') ? true : null));
  });

  test('goes out as cancelled when the turn has ended', async () => {
    const id = await decidedUnsent(() =>
      only().answer(lastRequest('session/prompt'), { stopReason: 'cancelled' }),
    );
    await eventually(() => scripted.count('cancelled') || null);
    expect(scripted.count('yes')).toBe(0);
    expect(core.types(id).slice(-3)).toEqual(['approval.decided', 'approval.closed', 'turn.ended']);
  });

  test('goes out as cancelled when the agent has withdrawn its request', async () => {
    const id = await decidedUnsent(() =>
      only().say({ method: '$/cancel_request', params: { requestId: 0 } }),
    );
    await eventually(() => scripted.count('cancelled') || null);
    expect(scripted.count('yes')).toBe(0);
    expect(core.events(id).at(-1)).toMatchObject({ type: 'approval.closed', reason: 'withdrawn' });
  });
});

test('a prompt for an agent that is being ended waits for the next one', async () => {
  const pipes = keeper.connect();
  const end = pipes.end.bind(pipes);
  let letGo: () => void = () => {};
  pipes.end = async (instance) => {
    await new Promise<void>((resolve) => (letGo = resolve));
    await end(instance);
  };
  core = host({ pipes });
  scripted.handlers['session/prompt'] = () => SILENCE;
  const id = await core.start('one');
  await eventually(() => requests('session/prompt')[0] ?? null);
  cancel(id);
  await vi.advanceTimersByTimeAsync(15_000);
  only().answer(lastRequest('session/prompt'), { stopReason: 'cancelled' });
  await core.turnEnded(id);
  scripted.handlers['session/prompt'] = () => ({ stopReason: 'end_turn' });
  core.send(id, 'two');
  await quiet();
  expect([requests('session/prompt').length, core.state(id).queue.length]).toEqual([1, 1]);
  letGo();
  expect((await core.turnEnded(id, 2)).turn?.outcome).toBe('completed');
});

test('why an agent was ended is told though another host sees its end', async () => {
  scripted.handlers['session/prompt'] = () => SILENCE;
  const fate = new Fate(Infinity, () => {});
  const dying = host({ pipes: new MortalPipes(keeper.connect(), fate) });
  const id = await dying.start('work');
  await eventually(() => requests('session/prompt')[0] ?? null);
  dying.sessions.cancel(id, newCommandId(), 'test');
  await quiet();
  fate.isDead = true;
  await vi.advanceTimersByTimeAsync(15_000);
  dying.leave();
  cores.splice(cores.indexOf(dying), 1);
  core = await host({ folder: dying.folder }).restore();
  const { turn, problem } = await core.turnEnded(id);
  expect([turn?.outcome, problem?.message]).toEqual([
    'cancelled',
    'The agent did not stop within 15 s of being asked; its process was ended.',
  ]);
});

test('a keeper that is gone cuts the turn short, once, and the next prompt goes on', async () => {
  scripted.handlers['session/prompt'] = () => SILENCE;
  const id = await core.start('work');
  const { folder } = core;
  core.leave();
  cores.splice(cores.indexOf(core), 1);
  keeper.die();
  core = await host({ folder }).restore();
  expect(core.state(id)).toMatchObject({ state: 'idle', turn: { outcome: 'interrupted' } });
  scripted.handlers['session/prompt'] = () => ({ stopReason: 'end_turn' });
  core.send(id, 'again');
  expect((await core.turnEnded(id, 2)).turn?.outcome).toBe('completed');
});

test('what is cut short by a stop of everything is told so', async () => {
  scripted.handlers['session/prompt'] = () => SILENCE;
  const id = await core.start('work');
  await eventually(() => requests('session/prompt')[0] ?? null);
  core.driver.stopping();
  only().io.exit(143);
  const { problem } = await core.turnEnded(id);
  expect(problem?.message).toBe('The agent was ended because Porchlight was told to stop.');
  expect(core.events(id).find(({ type }) => type === 'agent.exited')).toMatchObject({
    expected: true,
  });
});

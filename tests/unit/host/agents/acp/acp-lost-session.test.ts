import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { MemoryKeeper } from '../../../../fakes/memory-keeper.ts';
import { SILENCE, ScriptedAgent, type Handle } from '../../../../fakes/scripted-agent.ts';
import { eventually, HostCore } from '../../support/host-core.ts';

let scripted: ScriptedAgent;
let keeper: MemoryKeeper;
let core: HostCore;
const only = () => {
  const [process] = scripted.processes;
  if (process === undefined) throw new Error('no process');
  return process;
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  scripted = new ScriptedAgent();
  keeper = new MemoryKeeper({ scripted: scripted.agent });
  core = new HostCore({ pipes: keeper.connect() });
});
afterEach(() => {
  core.close();
  vi.useRealTimers();
});

describe('a session whose agent is no longer there', () => {
  const fails =
    (code: number, message: string, data?: object): Handle =>
    (process, { id }) => {
      process.say({ id, error: { code, message, ...(data && { data }) } });
      return SILENCE;
    };

  test('the adapter has lost one in its turn: that one is interrupted and loaded again, the other goes on', async () => {
    const [lost, other] = await Promise.all([core.start(), core.start()]);
    const message = 'The Claude Agent process exited unexpectedly. Please start a new session.';
    scripted.handlers['session/prompt'] = fails(-32_603, message);
    core.send(lost, 'go');
    const { turn } = await core.turnEnded(lost);
    scripted.handlers['session/prompt'] = () => ({ stopReason: 'end_turn' });
    core.send(lost, 'again');
    core.send(other, 'on');
    expect([
      turn?.outcome,
      (await core.turnEnded(lost, 2)).turn?.outcome,
      (await core.turnEnded(other)).turn?.outcome,
    ]).toEqual(['interrupted', 'completed', 'completed']);
    expect([scripted.processes.length, scripted.count('session/load')]).toEqual([1, 1]);
  });

  test('the adapter has lost one before its turn: the prompt goes again, ahead of what waits', async () => {
    const id = await core.start();
    const heard: unknown[] = [];
    scripted.handlers['session/load'] = () => {
      scripted.handlers['session/prompt'] = (_, { params }) => {
        heard.push(params?.prompt);
        return { stopReason: 'end_turn' };
      };
      return null;
    };
    // As the SDK's RequestError.sessionNotFound says it: the message alone names no session.
    scripted.handlers['session/prompt'] = fails(-32_002, 'Resource not found', {
      sessionId: 'agent-session-1',
    });
    core.send(id, 'first');
    core.send(id, 'second');
    const { turn } = await core.turnEnded(id, 3);
    expect([turn?.outcome, heard]).toEqual([
      'completed',
      [[{ type: 'text', text: 'first' }], [{ type: 'text', text: 'second' }]],
    ]);
  });

  test('a prompt that came between its death and the news of it goes to its successor', async () => {
    const id = await core.start();
    const heard: unknown[] = [];
    scripted.handlers['session/prompt'] = (_, { params }) => {
      heard.push(params?.prompt);
      return { stopReason: 'end_turn' };
    };
    only().io.exit(9);
    core.send(id, 'first');
    const { turn } = await core.turnEnded(id, 2);
    expect([turn?.outcome, heard]).toEqual(['completed', [[{ type: 'text', text: 'first' }]]]);
  });

  test('lost again, the prompt is not sent a third time: the person hears of it', async () => {
    const id = await core.start();
    scripted.handlers['session/prompt'] = fails(-32_002, 'Session not found: agent-session-1');
    core.send(id, 'go');
    const state = await core.turnEnded(id, 2);
    expect([state.turn?.outcome, state.queue, state.problem?.kind]).toEqual([
      'interrupted',
      [],
      'exited',
    ]);
  });

  test('alone, an adapter that has lost its session is ended with all that it left', async () => {
    const id = await core.start();
    scripted.handlers['session/prompt'] = (process, { id: request }) => {
      const message = 'The process exited unexpectedly.';
      process.say({ id: request, error: { code: -32_603, message } });
      return SILENCE;
    };
    core.send(id, 'go');
    expect((await core.turnEnded(id)).problem).toMatchObject({ kind: 'exited' });
    await eventually(() => (keeper.statuses().length === 0 ? true : null));
    scripted.handlers['session/prompt'] = () => ({ stopReason: 'end_turn' });
    core.send(id, 'again');
    expect((await core.turnEnded(id, 2)).turn?.outcome).toBe('completed');
    expect([scripted.processes.length, scripted.count('session/load')]).toEqual([2, 1]);
  });
});

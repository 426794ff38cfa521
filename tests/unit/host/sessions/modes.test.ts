import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DriftPolicy, type ModeSettings } from '../../../../src/host/sessions/mode-bounds.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import { MODES, type Mode } from '../../../../src/protocol/mode.ts';
import { MemoryKeeper } from '../../../fakes/memory-keeper.ts';
import { ScriptedAgent, SILENCE, type ScriptedProcess } from '../../../fakes/scripted-agent.ts';
import { eventually, HostCore, newCommandId, profile } from '../support/host-core.ts';

const ALL = { ask: 'ask', edits: 'edits', plan: 'plan', auto: 'auto' };
let settings: ModeSettings;
let scripted: ScriptedAgent;
let core: HostCore;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  settings = { modes: MODES, onDrift: 'undo', autoNeedsSandbox: false };
  scripted = new ScriptedAgent();
  scripted.handlers['session/prompt'] = () => SILENCE;
  core = new HostCore({
    pipes: new MemoryKeeper({ scripted: scripted.agent }).connect(),
    profile: { ...profile, modes: { by: 'setMode', native: ALL }, resetsMode: ['agent'] },
    undoes: (log, drift) => new DriftPolicy(log, () => settings).undoes(drift),
  });
});
afterEach(() => {
  core.close();
  vi.useRealTimers();
});

const SESSION = 'agent-session-1';
const agent = (): ScriptedProcess => {
  const process = scripted.processes.at(-1);
  if (process === undefined) throw new Error('no agent');
  return process;
};
const drift = (currentModeId: string): void =>
  agent().update(SESSION, { sessionUpdate: 'current_mode_update', currentModeId });
const changes = (id: SessionId) =>
  core.events(id).flatMap((event) => {
    if (event.type !== 'mode.changed') return [];
    const { mode, by, undoes } = event;
    return [undoes === undefined ? `${mode} by ${by}` : `${mode} by ${by}, undoing ${undoes}`];
  });
const notices = (id: SessionId) =>
  core.events(id).flatMap((event) => (event.type === 'notice' ? [event.text] : []));
const ask = async (
  id: SessionId,
  mode: Mode,
  how: { role?: 'approver' | 'operator'; raise?: boolean; version?: number } = {},
) => {
  const { role = 'operator', ...rest } = how;
  const params = { sessionId: id, commandId: newCommandId(), mode, ...rest };
  return await core.sessions
    .setMode(params, { surface: 'test', role })
    .catch((error: unknown) => (error instanceof RpcFailure ? [error.code, error.data] : error));
};

describe('asked for', () => {
  test('raising it takes an operator who says so, lowering it takes an approver', async () => {
    const id = await core.start();
    const raises = [-32012, { kind: 'raises', from: 'ask', to: 'edits' }];
    expect([
      await ask(id, 'edits', { role: 'approver', raise: true }),
      await ask(id, 'edits'),
      await ask(id, 'edits', { raise: true }),
      await ask(id, 'plan', { role: 'approver' }),
      await ask(id, 'ask', { role: 'approver' }),
    ]).toEqual([
      [-32017, undefined],
      raises,
      { mode: 'edits', version: 2 },
      { mode: 'plan', version: 3 },
      [-32017, undefined],
    ]);
    expect(changes(id)).toEqual(['ask by test', 'edits by test', 'plan by test']);
  });

  test('a change on what was seen is refused when another one came before', async () => {
    const id = await core.start();
    await core.setMode(id, 'edits');
    expect([await ask(id, 'plan', { version: 1 }), await ask(id, 'plan', { version: 2 })]).toEqual([
      [-32012, { kind: 'changed', mode: 'edits', version: 2 }],
      { mode: 'plan', version: 3 },
    ]);
  });

  test('an agent that takes it and says that it went elsewhere has not taken it', async () => {
    const id = await core.start();
    scripted.handlers['session/set_mode'] = (process) => {
      process.update(SESSION, { sessionUpdate: 'current_mode_update', currentModeId: 'edits' });
      return {};
    };
    await expect(core.setMode(id, 'auto')).rejects.toThrow('it went into edits');
    expect(core.state(id).mode).toBe('edits');
  });

  test('one that drifted just before it heard of it is asked once more', async () => {
    const id = await core.start();
    let times = 0;
    scripted.handlers['session/set_mode'] = (process) => {
      if (times++ === 0)
        process.update(SESSION, { sessionUpdate: 'current_mode_update', currentModeId: 'edits' });
      return {};
    };
    expect(await core.setMode(id, 'plan')).toMatchObject({ mode: 'plan' });
    expect(times).toBe(2);
  });

  test('a setting that may bring its own mode has the mode set again', async () => {
    const option = { id: 'agent', name: 'Agent', type: 'select', currentValue: 'a', options: [] };
    scripted.handlers['session/new'] = () => ({ sessionId: SESSION, configOptions: [option] });
    scripted.handlers['session/set_config_option'] = () => ({ configOptions: [option] });
    const id = await core.start();
    await core.sessions.setOption(id, newCommandId(), 'agent', 'a');
    await eventually(() => (scripted.count('session/set_mode') === 2 ? true : null));
    await eventually(() => (changes(id).length === 2 ? true : null));
    expect(changes(id)).toEqual(['ask by test', 'ask by host']);
  });
});

describe('drift', () => {
  test('is shown and stays, where it is only to be shown', async () => {
    settings = { ...settings, onDrift: 'show' };
    const id = await core.start();
    drift('auto');
    drift('unheard-of');
    await eventually(() => (core.state(id).nativeMode === 'unheard-of' ? true : null));
    expect([changes(id), scripted.count('session/set_mode')]).toEqual([
      ['ask by test', 'auto by agent', 'null by agent'],
      1,
    ]);
  });

  test('that raises, or goes into a mode of its own, is put back; one that lowers stays', async () => {
    const id = await core.start('work');
    for (const [native, settled] of [
      ['auto', 'ask'],
      ['bypass', 'ask'],
      ['plan', 'plan'],
    ] as const) {
      drift(native);
      await core.until(id, ({ mode }) => mode === settled && !core.driver.isChangingMode(id));
    }
    expect(changes(id)).toEqual([
      'ask by test',
      'auto by agent',
      'ask by host, undoing auto',
      'null by agent',
      'ask by host, undoing null',
      'plan by agent',
    ]);
  });

  test('told among the settings is seen too', async () => {
    const id = await core.start();
    const option = { id: 'mode', name: 'Mode', type: 'select', currentValue: 'auto', options: [] };
    agent().update(SESSION, { sessionUpdate: 'config_option_update', configOptions: [option] });
    await eventually(() => (changes(id).length === 3 ? true : null));
    expect(changes(id).slice(1)).toEqual(['auto by agent', 'ask by host, undoing auto']);
  });

  test('is put back three times in a turn; with the fourth the turn is cancelled', async () => {
    const id = await core.start('work');
    await core.until(id, ({ state }) => state === 'working');
    for (let times = 1; times <= 4; times += 1) {
      drift('auto');
      await eventually(() => (changes(id).length === 1 + 2 * times ? true : null));
    }
    expect([scripted.count('session/cancel'), core.state(id).mode, notices(id)]).toEqual([
      1,
      'ask',
      [
        'The agent left the mode ask by itself 4 times in this turn. It was put back, and its turn was cancelled.',
      ],
    ]);
  });

  test('that goes on after that ends the agent; the next one starts in the mode it was to have', async () => {
    const id = await core.start('work');
    for (let times = 1; times <= 5; times += 1) {
      drift('auto');
      await eventually(() => (changes(id).length === 1 + 2 * times ? true : null));
    }
    await core.until(id, ({ instance }) => instance === null);
    expect(core.state(id).mode).toBe('ask');
  });

  test('that cannot be put back ends the agent', async () => {
    const id = await core.start('work');
    scripted.handlers['session/set_mode'] = (process) => {
      process.update(SESSION, { sessionUpdate: 'current_mode_update', currentModeId: 'auto' });
      return {};
    };
    drift('auto');
    await core.until(id, ({ instance }) => instance === null);
    expect(core.state(id).mode).toBe('ask');
    expect(notices(id).at(-1)).toContain('cannot be kept in the mode ask');
  });

  test('that a person has just allowed, by a call that switches modes, is none', async () => {
    const id = await core.start('plan it');
    await core.until(id, ({ state }) => state === 'working');
    const leave = async (then: string) => {
      agent().say({
        id: then,
        method: 'session/request_permission',
        params: {
          sessionId: SESSION,
          toolCall: { toolCallId: then, kind: 'switch_mode', title: 'Leave plan', rawInput: {} },
          options: [
            { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
            { optionId: 'no', name: 'No', kind: 'reject_once' },
          ],
        },
      });
      return await core.approval(id);
    };
    await core.allow(await leave('one'));
    drift('edits');
    await eventually(() => (changes(id).length === 2 ? true : null));
    // A second change has no decision of its own.
    drift('auto');
    await eventually(() => (changes(id).length === 4 ? true : null));
    await core.allow(await leave('two'), false);
    drift('auto');
    await eventually(() => (changes(id).length === 6 ? true : null));
    expect(changes(id).slice(1)).toEqual([
      'edits by agent',
      'auto by agent',
      'edits by host, undoing auto',
      'auto by agent',
      'edits by host, undoing auto',
    ]);
  });

  test('into what the administrator forbids is put back, whatever led there', async () => {
    settings = { modes: ['ask', 'plan'], onDrift: 'show', autoNeedsSandbox: false };
    const id = await core.start('work');
    drift('edits');
    await eventually(() => (changes(id).length === 3 ? true : null));
    expect(changes(id).slice(1)).toEqual(['edits by agent', 'ask by host, undoing edits']);
  });

  test('into auto is put back where auto takes a sandbox and there is none', async () => {
    settings = { modes: MODES, onDrift: 'show', autoNeedsSandbox: true };
    const id = await core.start('work');
    drift('auto');
    await eventually(() => (changes(id).length === 3 ? true : null));
    expect(core.state(id).mode).toBe('ask');
  });
});

describe('rules of ours that hold in one of its own modes only', () => {
  const option = (currentValue: string) => ({
    ...{ id: 'mode', name: 'Mode', category: 'mode', type: 'select', currentValue, options: [] },
  });

  test('it is set into that one when it comes back in another, and put back when it leaves it', async () => {
    core.close();
    core = new HostCore({
      pipes: new MemoryKeeper({ scripted: scripted.agent }).connect(),
      profile: {
        ...profile,
        modes: { by: 'launch', native: { ask: 'ask' }, within: { id: 'mode', value: 'build' } },
      },
      undoes: (log, change) => new DriftPolicy(log, () => settings).undoes(change),
    });
    scripted.handlers['session/new'] = () => ({
      sessionId: SESSION,
      configOptions: [option('plan')],
    });
    scripted.handlers['session/set_config_option'] = () => ({ configOptions: [option('build')] });
    const id = await core.start();
    expect([core.state(id).mode, scripted.count('session/set_config_option')]).toEqual(['ask', 1]);
    const configOptions = [option('mine')];
    agent().update(SESSION, { sessionUpdate: 'config_option_update', configOptions });
    await eventually(() => (changes(id).length === 3 ? true : null));
    expect(changes(id)).toEqual(['ask by test', 'null by agent', 'ask by host, undoing null']);
  });
});

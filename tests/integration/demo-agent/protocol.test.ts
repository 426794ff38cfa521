import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { methods } from '@agentclientprotocol/sdk';
import { describe, expect, test } from 'vitest';
import { AGENT, Driver } from './driver.ts';

async function output(...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const child = spawn(process.execPath, [AGENT, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end();
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

describe('the handshake', () => {
  test('says who it is, that it loads sessions and takes images', async () => {
    await using driver = new Driver();
    expect(await driver.initialize()).toMatchObject({
      protocolVersion: 1,
      agentInfo: { name: 'porchlight-demo-agent', title: 'Demo agent' },
      agentCapabilities: {
        loadSession: true,
        promptCapabilities: { image: true },
        sessionCapabilities: { list: {} },
      },
    });
  });

  test('a new session starts in ask, with four modes and a model', async () => {
    await using driver = new Driver();
    await driver.initialize();
    const session = await driver.connection.agent.request(methods.agent.session.new, {
      cwd: driver.folder,
      mcpServers: [],
    });
    expect([
      session.modes?.currentModeId,
      session.modes?.availableModes.map(({ id }) => id),
      session.configOptions?.map(({ id }) => id),
    ]).toEqual(['ask', ['ask', 'edits', 'plan', 'auto'], ['model']]);
  });

  test('a folder that is gone or relative is refused by name', async () => {
    await using driver = new Driver();
    const start = driver.start(join(driver.folder, 'gone'));
    await expect(start).rejects.toThrow(/gone does not exist/);
    await expect(driver.start('relative')).rejects.toThrow(/absolute/);
  });

  test('unknown modes, options and sessions are refused', async () => {
    await using driver = new Driver();
    const sessionId = await driver.start();
    await expect(driver.setMode(sessionId, 'yolo')).rejects.toMatchObject({ code: -32_602 });
    await expect(driver.setMode('nobody', 'ask')).rejects.toMatchObject({ code: -32_002 });
    const set = driver.connection.agent.request(methods.agent.session.setConfigOption, {
      sessionId,
      configId: 'model',
      value: 'floodlight',
    });
    await expect(set).rejects.toMatchObject({ code: -32_602 });
  });
});

describe('a conversation', () => {
  test('is loaded by a new process after a SIGKILL, with the ids it had live', async () => {
    await using first = new Driver();
    const sessionId = await first.start();
    await first.prompt(sessionId, 'SCRIPT:approve n=1');
    const turn = first.prompt(sessionId, 'SCRIPT:hang').catch(() => {});
    await first.until(() => first.text.includes('I stop here.'), 'the hang');
    first.child.kill('SIGKILL');
    await first.exited();
    await turn;

    await using second = new Driver({ state: first.state });
    await second.initialize();
    const loaded = await second.connection.agent.request(methods.agent.session.load, {
      sessionId,
      cwd: first.folder,
      mcpServers: [],
    });
    const replayed = [...second.updates];
    await second.prompt(sessionId, 'SCRIPT:recall');
    const callOf = (driver: Driver): unknown =>
      driver.updates.find((update) => update.sessionUpdate === 'tool_call')?.toolCallId;
    expect({
      mode: loaded.modes?.currentModeId,
      kinds: replayed.map((update) => update.sessionUpdate),
      sameCall: callOf(second) === callOf(first),
      recall: second.text.endsWith('You have sent 3 prompts, this one included.'),
    }).toEqual({
      mode: 'ask',
      kinds: ['user_message_chunk', 'tool_call', 'agent_message_chunk', 'user_message_chunk'],
      sameCall: true,
      recall: true,
    });
  });

  test('that nobody knows cannot be loaded', async () => {
    await using driver = new Driver();
    await driver.initialize();
    const load = driver.connection.agent.request(methods.agent.session.load, {
      sessionId: '../../../etc/passwd',
      cwd: driver.folder,
      mcpServers: [],
    });
    await expect(load).rejects.toMatchObject({ code: -32_002 });
  });

  test('is listed with its folder and title', async () => {
    await using driver = new Driver();
    const sessionId = await driver.start();
    await driver.setMode(sessionId, 'plan');
    await driver.prompt(sessionId, 'Go');
    const list = async (cwd: string) =>
      (await driver.connection.agent.request(methods.agent.session.list, { cwd })).sessions;
    expect([await list(driver.folder), await list('/elsewhere')]).toEqual([
      [
        {
          sessionId,
          cwd: driver.folder,
          title: 'A slug for every title',
          updatedAt: expect.any(String),
        },
      ],
      [],
    ]);
  });

  test('runs beside another one in the same process', async () => {
    await using driver = new Driver();
    const [one, two] = [await driver.start(), await driver.start()];
    const slow = driver.prompt(one, 'SCRIPT:hang cancel=ok');
    const quick = await driver.prompt(two, 'SCRIPT:recall');
    await driver.cancel(one);
    expect([quick.stopReason, (await slow).stopReason]).toEqual(['end_turn', 'cancelled']);
  });
});

describe('start-up faults', () => {
  test('exit writes a reason and exits with 1', async () => {
    expect(await output('--fault', 'exit')).toEqual({
      code: 1,
      out: '',
      err: expect.stringContaining('told to fail'),
    });
  });

  test('garbage is no protocol at all', async () => {
    const { code, out } = await output('--fault', 'garbage');
    expect([code, out.includes('no ACP agent'), out.includes('jsonrpc')]).toEqual([0, true, false]);
  });

  test('hang-initialize says nothing and leaves at the end of stdin', async () => {
    expect(await output('--fault', 'hang-initialize')).toEqual({ code: 0, out: '', err: '' });
  });

  test('auth refuses the session and offers a way to sign in', async () => {
    await using driver = new Driver({ args: ['--fault', 'auth'] });
    await expect(driver.start()).rejects.toMatchObject({ code: -32_000 });
  });

  test('no-mode refuses every mode', async () => {
    await using driver = new Driver({ args: ['--fault', 'no-mode'] });
    const sessionId = await driver.start();
    await expect(driver.setMode(sessionId, 'ask')).rejects.toMatchObject({ code: -32_602 });
  });

  test('old-protocol answers a version that is not ours', async () => {
    await using driver = new Driver({ args: ['--fault', 'old-protocol'] });
    expect((await driver.initialize()).protocolVersion).toBe(0);
  });

  test('a wrong argument is wrong usage, on stderr', async () => {
    expect(await output('--fault', 'nonsense')).toEqual({
      code: 2,
      out: '',
      err: expect.stringContaining('--help'),
    });
  });

  test('help names every script and every fault', async () => {
    const { out } = await output('--help');
    expect([
      out.includes('SCRIPT:everything'),
      out.includes('--fault no-mode'),
      existsSync(AGENT),
    ]).toEqual([true, true, true]);
  });
});

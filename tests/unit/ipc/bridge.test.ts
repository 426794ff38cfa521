import { describe, expect, test } from 'vitest';
import { windowEnd, type IpcAnswer, type RendererChannel } from '../../../src/ipc/bridge.ts';
import { HOST_PORT_MESSAGE, TARGET_CHANNEL } from '../../../src/ipc/channels.ts';
import { serveCalls, type IpcHandlers } from '../../../src/ipc/serve-calls.ts';
import type { WindowTarget } from '../../../src/ipc/schema.ts';

function joined(given: Partial<IpcHandlers>) {
  const faults: string[] = [];
  const handlers: IpcHandlers = {
    pickFolder: async () => null,
    openExternal: async () => null,
    recentFolders: async () => [],
    rememberFolder: async () => null,
    startHost: async () => null,
    ...given,
  };
  const answer = serveCalls(handlers, (name) => void faults.push(name));
  const listeners = new Map<
    string,
    (event: { ports: readonly unknown[] }, data: unknown) => void
  >();
  const sent: string[] = [];
  const channel: RendererChannel = {
    // What crosses is a structured clone; nothing of the caller's objects.
    invoke: async (_channel, name, params) =>
      structuredClone(await answer(name, structuredClone(params))) as IpcAnswer,
    send: (name) => void sent.push(name),
    on: (name, listener) => void listeners.set(name, listener),
  };
  const passed: unknown[] = [];
  const bridge = windowEnd(channel, 'linux', (message, port) => void passed.push([message, port]));
  const arrive = (name: string, data: unknown, ports: readonly unknown[] = []): void =>
    listeners.get(name)?.({ ports }, data);
  return { bridge, faults, sent, passed, arrive, answer };
}

describe('the bridge between shell and window', () => {
  test('carries parameters and results', async () => {
    const { bridge } = joined({
      pickFolder: async ({ start }) => `${start}/x`,
      recentFolders: async () => ['/a', '/b'],
    });
    expect([
      await bridge.call('pickFolder', { start: '/home' }),
      await bridge.call('recentFolders', {}),
      await bridge.call('startHost', {}),
    ]).toEqual(['/home/x', ['/a', '/b'], null]);
  });

  test('throws in the window what failed in the shell, in its own words', async () => {
    const { bridge, faults } = joined({
      startHost: async () => {
        throw new Error('The host did not start within 15 s');
      },
    });
    await expect(bridge.call('startHost', {})).rejects.toThrow(
      /^The host did not start within 15 s$/,
    );
    expect(faults).toEqual(['startHost']);
  });

  test('refuses parameters and names that are not in the table', async () => {
    const { answer, faults } = joined({});
    expect([
      await answer('openExternal', { url: 'not a url' }),
      await answer('rememberFolder', null),
      await answer('constructor', {}),
      await answer('toString', {}),
      await answer(7, {}),
    ]).toEqual([
      { error: expect.stringMatching(/^openExternal: url: /) },
      { error: expect.stringMatching(/^rememberFolder: /) },
      { error: 'The shell has no call "constructor".' },
      { error: 'The shell has no call "toString".' },
      { error: 'The shell has no call 7.' },
    ]);
    expect(faults).toEqual([]);
  });

  test('keeps the last target until the page listens', () => {
    const { bridge, arrive } = joined({});
    const seen: WindowTarget[] = [];
    arrive(TARGET_CHANNEL, { screen: 'home' });
    arrive(TARGET_CHANNEL, { screen: 'newSession', agent: 'demo' });
    const stop = bridge.onTarget((target) => void seen.push(target));
    arrive(TARGET_CHANNEL, { screen: 'session', sessionId: 's_1' });
    stop();
    arrive(TARGET_CHANNEL, { screen: 'home' });
    expect(seen).toEqual([
      { screen: 'newSession', agent: 'demo' },
      { screen: 'session', sessionId: 's_1' },
    ]);
  });

  test('asks for a port and hands the one that arrives to the page', () => {
    const { bridge, sent, passed, arrive } = joined({});
    bridge.openHostPort();
    arrive(HOST_PORT_MESSAGE, null, ['a port']);
    expect([sent, passed]).toEqual([
      ['porchlight:open-host-port'],
      [[HOST_PORT_MESSAGE, 'a port']],
    ]);
  });
});

import { expect, test, vi } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import type { Transport } from '../../../../src/connection/transport.ts';
import type { Handlers } from '../../../../src/host/api/handlers.ts';
import { SurfaceConnection } from '../../../../src/host/api/surface-connection.ts';
import { StoreFull } from '../../../../src/host/event-log/store.ts';
import { RPC_ERRORS, RpcFailure } from '../../../../src/protocol/errors.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';
import type { Role } from '../../../../src/protocol/devices.ts';
import { eventually } from '../support/host-core.ts';

interface Answer {
  readonly id: number | null;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** One surface on the line, spoken for by the test. */
function surface(handlers: Partial<Handlers>, role: Role = 'operator') {
  const answers: Answer[] = [];
  let on: Parameters<Transport['start']>[0] | null = null;
  let closed = 0;
  let isCut = false;
  const transport: Transport = {
    bufferedBytes: 0,
    start: (listener) => void (on = listener),
    send: (text) => void answers.push(JSON.parse(text) as Answer),
    close: () => (isCut = true),
  };
  const connection = new SurfaceConnection(transport, {
    // The test calls only what it gives.
    handlers: { hello: () => ({}), ...handlers } as unknown as Handlers,
    logger: silentLogger,
    role,
    device: null,
    heard: () => {},
    closed: () => void (closed += 1),
  });
  let id = 0;
  const call = async (method: string, params?: unknown): Promise<Answer> => {
    id += 1;
    const mine = id;
    on?.message(JSON.stringify({ jsonrpc: '2.0', id: mine, method, params }));
    return await eventually(() => answers.find((answer) => answer.id === mine) ?? null);
  };
  const hello = async () => await call('hello', { protocol: 1, surface: 'test', version: '0' });
  const tell = (method: string, params: unknown) =>
    on?.message(JSON.stringify({ jsonrpc: '2.0', method, params }));
  return {
    connection,
    call,
    hello,
    tell,
    leave: () => on?.close('gone'),
    closed: () => closed,
    isCut: () => isCut,
  };
}

test('hello comes first', async () => {
  const { call, hello } = surface({ 'host.serveUi': async () => ({ url: 'x', expiresAt: 'y' }) });
  expect((await call('host.serveUi')).error?.code).toBe(RPC_ERRORS.invalidRequest);
  await hello();
  expect((await call('host.serveUi')).result).toEqual({ url: 'x', expiresAt: 'y' });
});

test('what comes together with hello waits for it, and shares its refusal', async () => {
  const order: string[] = [];
  let hello: () => unknown = () => ({});
  const { call } = surface({
    hello: (async () => {
      await Promise.resolve();
      order.push('hello');
      return hello();
    }) as unknown as Handlers['hello'],
    'agents.list': () => {
      order.push('agents');
      return { agents: [] };
    },
  });
  const both = async () =>
    await Promise.all([
      call('hello', { protocol: 1, surface: 'test', version: '0' }),
      call('agents.list'),
    ]);
  hello = () => {
    throw new RpcFailure('wrongVersion', 'no');
  };
  expect((await both()).map(({ error }) => error?.code)).toEqual([
    RPC_ERRORS.wrongVersion,
    RPC_ERRORS.wrongVersion,
  ]);
  hello = () => ({});
  expect((await both()).map(({ result }) => result)).toEqual([{}, { agents: [] }]);
  expect(order).toEqual(['hello', 'hello', 'agents']);
});

test('what the table does not know, allow or read is refused in words', async () => {
  const { call, hello } = surface({}, 'viewer');
  await hello();
  const refused = [
    await call('host.fly'),
    await call('toString'),
    await call('host.stop', { all: true }),
    await call('session.show', { sessionId: 7 }),
  ];
  expect(refused.map(({ error }) => error?.code)).toEqual([
    RPC_ERRORS.methodNotFound,
    RPC_ERRORS.methodNotFound,
    RPC_ERRORS.notAllowed,
    RPC_ERRORS.invalidParams,
  ]);
  expect(refused[3]?.error?.message).toMatch(/^session\.show: sessionId: /);
});

test('a full disk is told as such, a fault of ours without its inside', async () => {
  const { call, hello } = surface({
    'session.list': () => {
      throw new StoreFull('the disk is full');
    },
    'agents.list': () => {
      throw new TypeError('secret of the inside');
    },
  });
  await hello();
  expect((await call('session.list', {})).error).toMatchObject({ message: 'the disk is full' });
  expect((await call('agents.list', {})).error).toEqual({
    code: RPC_ERRORS.internal,
    message: 'agents.list failed inside the host; its log says why.',
  });
});

test('subscriptions hear acknowledgements and end with what replaces them, and with the line', async () => {
  const { connection, tell, leave, closed } = surface({});
  const heard: string[] = [];
  const subscription = (name: string) => ({
    acknowledge: (seq: number) => void heard.push(`${name} ${seq}`),
    close: () => void heard.push(`${name} closed`),
  });
  const sessionId = 's_000000000000' as SessionId;
  connection.follow(sessionId, subscription('first'));
  connection.follow(sessionId, subscription('second'));
  connection.followDesk(subscription('desk'));
  tell('session.ack', { sessionId, seq: 4 });
  tell('session.ack', { sessionId: 'nonsense' });
  leave();
  leave();
  expect([heard, closed()]).toEqual([
    ['first closed', 'second 4', 'second closed', 'desk closed'],
    1,
  ]);
});

test('a surface that does not say hello is cut off; one that did may be silent for ever', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const [silent, greeted] = [surface({}), surface({})];
    await greeted.hello();
    await vi.advanceTimersByTimeAsync(15_000);
    expect([silent.isCut(), silent.closed(), greeted.isCut()]).toEqual([true, 1, false]);
  } finally {
    vi.useRealTimers();
  }
});

import { beforeEach, expect, test } from 'vitest';
import { v7 } from 'uuid';
import { silentLogger } from '../../../../src/base/log.ts';
import type { Handlers } from '../../../../src/host/api/handlers.ts';
import { SurfaceConnection } from '../../../../src/host/api/surface-connection.ts';
import { deviceRecordSchema } from '../../../../src/host/devices/device-record.ts';
import { MailDoor } from '../../../../src/host/mail/mail-door.ts';
import type { Role } from '../../../../src/protocol/devices.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';

const bytes = (length: number) => Buffer.alloc(length, 1).toString('base64url');
const record = (role: Role) =>
  deviceRecordSchema.parse({
    ...{ id: bytes(16), name: 'Pixel', role, pairedAt: '2026-11-21T00:00:00.000Z' },
    ...{ lastSeenAt: null, via: 'relay', relay: 'own', epoch: 0, counter: 0 },
    ...{ publicKey: bytes(32), signingKey: bytes(65), rootPsk: bytes(32) },
  });
const prompt = {
  commandId: v7(),
  sessionId: 's_000000000001',
  prompt: [{ type: 'text', text: 'x' }],
};

let open: Set<SurfaceConnection>;
let called: string[];
let send: () => unknown;
let door: MailDoor;
beforeEach(() => {
  open = new Set();
  called = [];
  send = () => ({ commandId: prompt.commandId, position: 0 });
  const handlers: Partial<Handlers> = {
    hello: () => ({}) as never,
    'session.send': (_, { surface, role, device }) => {
      called.push(`${surface} ${role} ${device?.name}`);
      return send() as never;
    },
  };
  door = new MailDoor({
    version: '0',
    accept: (transport, remote) => {
      const surface: SurfaceConnection = new SurfaceConnection(transport, {
        // As much as is called here.
        handlers: handlers as Handlers,
        ...{ logger: silentLogger, role: remote.role, device: remote.device },
        heard: () => {},
        closed: () => {
          open.delete(surface);
          remote.closed();
        },
      });
      open.add(surface);
      return surface;
    },
  });
});

const run = async (role: Role, method = 'session.send', params: Record<string, unknown> = prompt) =>
  await door.run(record(role), method, params, 1_000);

test('a command comes in as one of its device, and leaves nothing open', async () => {
  await run('operator');
  expect({ called, open: open.size }).toEqual({
    called: ['device:Pixel operator Pixel'],
    open: 0,
  });
});

test.each([
  ['its role does not allow', 'viewer', 'session.send', prompt, /needs the role operator/],
  ['only this machine may do', 'operator', 'host.stop', { all: true }, /own machine/],
  ['is not put right', 'operator', 'session.send', { ...prompt, prompt: 1 }, /prompt/],
  ['this host does not know', 'operator', 'session.fly', {}, /does not know/],
] as const)('what %s is refused as to any device', async (_, role, method, params, words) => {
  const failure: unknown = await run(role, method, params).catch((error: unknown) => error);
  expect([failure, called, open.size]).toEqual([expect.any(RpcFailure), [], 0]);
  expect(String(failure)).toMatch(words);
});

test('what is cut while it runs ends without an answer that could be believed', async () => {
  send = () => new Promise(() => {});
  const running = run('operator').catch((error: unknown) => error);
  await expect.poll(() => called.length).toBe(1);
  const [surface] = open;
  expect(await surface?.ping(50)).toBeNull();
  door.cut(record('operator').id);
  const failure = await running;
  expect([failure instanceof RpcFailure, String(failure), open.size]).toEqual([
    false,
    expect.stringContaining('closed'),
    0,
  ]);
});

test('it does not wait for ever', async () => {
  send = () => new Promise(() => {});
  await expect(door.run(record('operator'), 'session.send', prompt, 20)).rejects.toThrow('20 ms');
  expect(open.size).toBe(0);
});

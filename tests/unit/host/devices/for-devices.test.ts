import { beforeEach, expect, test } from 'vitest';
import { v7 } from 'uuid';
import type { Handlers } from '../../../../src/host/api/handlers.ts';
import type { SurfaceConnection } from '../../../../src/host/api/surface-connection.ts';
import type { FolderBounds } from '../../../../src/host/devices/folder-bounds.ts';
import { forDevices } from '../../../../src/host/devices/for-devices.ts';
import { RpcFailure } from '../../../../src/protocol/errors.ts';
import { commandIdSchema } from '../../../../src/protocol/ids.ts';
import { methods, type MethodName } from '../../../../src/protocol/methods.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';

const id = deviceIdSchema.parse(Buffer.alloc(16, 1).toString('base64url'));
const phone = { device: { id, name: 'Pixel 9' } } as SurfaceConnection;
const local = { device: null } as SurfaceConnection;
const commandId = commandIdSchema.parse(v7());

let called: [string, unknown][];
let claimed: unknown[];
let handlers: Handlers;
beforeEach(() => {
  called = [];
  claimed = [];
  const answers: Partial<Record<MethodName, unknown>> = {
    'agents.conversations': { agent: 'demo', conversations: [{ cwd: '/in' }, { cwd: '/out' }] },
    'folder.list': { path: '/in', parent: '/', folders: [], git: false },
  };
  // What each method does is not asked here.
  const all = Object.fromEntries(
    Object.keys(methods).map((name) => [
      name,
      (params: unknown) => {
        called.push([name, params]);
        return answers[name as MethodName] ?? {};
      },
    ]),
  ) as unknown as Handlers;
  const outside = () => {
    throw new RpcFailure('notAllowed', 'outside');
  };
  const bounds = {
    mayWorkIn: async (path: string) => (path.startsWith('/in') ? `/real${path}` : outside()),
    mayList: async (path?: string) =>
      path === undefined || path === '/in'
        ? { folder: '/real/in', isRoot: true }
        : { folder: path, isRoot: false },
  };
  handlers = forDevices(all, {
    claims: { claim: (device, command) => void claimed.push([device, command]) },
    bounds: bounds as unknown as FolderBounds,
  });
});

const start = (cwd: string) => ({ commandId, cwd, share: false });

test('a device works, adopts and looks only within its bounds, with links resolved', async () => {
  for (const cwd of ['/out', '']) {
    await expect(handlers['session.start'](start(cwd), phone)).rejects.toThrow('outside');
    await expect(
      handlers['session.adopt']({ commandId, agentSession: 'x', cwd, share: false }, phone),
    ).rejects.toThrow('outside');
    await expect(handlers['folder.look']({ path: cwd }, phone)).rejects.toThrow('outside');
    await expect(handlers['agents.conversations']({ cwd }, phone)).rejects.toThrow('outside');
  }
  expect(called).toEqual([]);
  await handlers['session.start'](start('/in/a'), phone);
  await handlers['folder.look']({ path: '/in' }, phone);
  expect(called).toEqual([
    ['session.start', start('/real/in/a')],
    ['folder.look', { path: '/real/in' }],
  ]);
});

test('conversations of folders out of bounds are left out, and nothing leads above a root', async () => {
  expect([
    await handlers['agents.conversations']({}, phone),
    await handlers['folder.list']({}, phone),
    await handlers['folder.list']({ path: '/in/b' }, phone),
  ]).toMatchObject([{ conversations: [{ cwd: '/in' }] }, { parent: null }, { parent: '/' }]);
  expect(called.map(([, params]) => params).slice(1)).toEqual([
    { path: '/real/in' },
    { path: '/in/b' },
  ]);
});

test('a surface of this machine has no such bounds', async () => {
  await handlers['session.start'](start('/out'), local);
  await handlers['folder.list']({ path: '/out' }, local);
  expect(await handlers['agents.conversations']({ cwd: '/out' }, local)).toMatchObject({
    conversations: [{ cwd: '/in' }, { cwd: '/out' }],
  });
  expect(called.map(([, params]) => params)).toEqual([
    start('/out'),
    { path: '/out' },
    { cwd: '/out' },
  ]);
});

test('every method that takes a command id has it claimed first, and no other does', async () => {
  const names: string[] = [];
  for (const name of Object.keys(methods) as MethodName[]) {
    const before = claimed.length;
    const handler = handlers[name] as (params: unknown, surface: SurfaceConnection) => unknown;
    await handler({ commandId, cwd: '/in', path: '/in' }, name === 'hello' ? local : phone);
    if (claimed.length > before) names.push(name);
  }
  expect(names.sort()).toEqual([
    'approval.answer',
    'approval.decide',
    'night.end',
    'night.start',
    'notify.setChannels',
    'notify.setPolicy',
    'power.hold',
    'power.release',
    'power.setPolicy',
    'power.sleepWhenDone',
    'rules.add',
    'rules.remove',
    'session.adopt',
    'session.archive',
    'session.cancel',
    'session.continue',
    'session.discard',
    'session.land',
    'session.rename',
    'session.restart',
    'session.resume',
    'session.send',
    'session.setMode',
    'session.setOption',
    'session.start',
    'session.stop',
    'session.unqueue',
  ]);
  expect(claimed[0]).toEqual([id, commandId]);
});

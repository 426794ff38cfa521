import { expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import type { Transport } from '../../../../src/connection/transport.ts';
import type { Handlers } from '../../../../src/host/api/handlers.ts';
import { SurfaceConnection } from '../../../../src/host/api/surface-connection.ts';
import { ROLES, type Role } from '../../../../src/protocol/devices.ts';
import { RPC_ERRORS } from '../../../../src/protocol/errors.ts';
import { methods } from '../../../../src/protocol/methods.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';
import { eventually } from '../support/host-core.ts';

const PHONE = {
  id: deviceIdSchema.parse(Buffer.alloc(16, 1).toString('base64url')),
  name: 'Pixel 9',
};

/** Written down by hand: a method that is added has to be thought about here. */
const FOR_VIEWERS = [
  'hello',
  'host.status',
  'agents.list',
  'session.list',
  'session.show',
  'session.changes',
  'session.follow',
  'session.unfollow',
  'session.events',
  'desk.follow',
  'approval.list',
  'relay.status',
  'rules.list',
  'rules.propose',
  'audit.head',
  'night.state',
  'night.report',
  'power.state',
  'power.lidReport',
  'attention.list',
  'attention.seen',
  'push.key',
  'push.subscribe',
  'push.unsubscribe',
  'push.state',
  'notify.state',
  'notify.test',
  'reach.probe',
];
const FOR_APPROVERS = [
  'approval.decide',
  'approval.answer',
  // To lower it; raising it is refused to them by the sessions.
  'session.setMode',
  'passkey.options',
  'passkey.register',
  'passkey.request',
];
const FOR_OPERATORS = [
  'agents.install',
  'agents.remove',
  'agents.conversations',
  'session.start',
  'session.adopt',
  'session.send',
  'session.unqueue',
  'session.continue',
  'session.cancel',
  'session.stop',
  'session.resume',
  'session.archive',
  'session.rename',
  'session.setOption',
  'session.land',
  'session.discard',
  'folder.look',
  'folder.list',
  'folder.places',
  'rules.add',
  'rules.remove',
  'rules.check',
  'audit.list',
  'audit.verify',
  'night.start',
  'night.end',
  'power.hold',
  'power.release',
  'power.setPolicy',
  'power.sleepWhenDone',
  'notify.setPolicy',
  'session.restart',
];
const FOR_THIS_MACHINE = [
  'host.stop',
  'host.serveUi',
  'host.backup',
  'pair.offer',
  'pair.follow',
  'pair.confirm',
  'pair.refuse',
  'pair.cancel',
  'devices.list',
  'devices.rename',
  'devices.setRole',
  'devices.revoke',
  'devices.setPerson',
  'passkey.remove',
  'rules.trust',
  'audit.changeKey',
  'power.setUp',
  'power.machine',
  'desktop.follow',
  'notify.setChannels',
];

/** Which methods it is not told "notAllowed" for; parameters are looked at only after the right. */
async function allowed(role: Role, device: typeof PHONE | null): Promise<string[]> {
  const found: string[] = [];
  const codes = new Map<number, number | null>();
  const far: { on?: Parameters<Transport['start']>[0] } = {};
  const transport: Transport = {
    bufferedBytes: 0,
    start: (listener) => void (far.on = listener),
    send: (text) => {
      const { id, error } = JSON.parse(text) as { id: number; error?: { code: number } };
      codes.set(id, error?.code ?? null);
    },
    close: () => {},
  };
  // What a method does is not asked here.
  const handlers = Object.fromEntries(Object.keys(methods).map((name) => [name, () => ({})]));
  const connection = new SurfaceConnection(transport, {
    handlers: handlers as unknown as Handlers,
    ...{ logger: silentLogger, role, device, heard: () => {}, closed: () => {} },
  });
  const names = Object.keys(methods);
  const hello = { protocol: 1, surface: 'phone', version: '0' };
  for (const [id, method] of names.entries())
    far.on?.message(JSON.stringify({ jsonrpc: '2.0', id, method, params: id === 0 ? hello : [] }));
  await eventually(() => (codes.size === names.length ? true : null));
  for (const [id, name] of names.entries())
    if (codes.get(id) !== RPC_ERRORS.notAllowed) found.push(name);
  connection.close('done');
  return found.sort();
}

const sorted = (...lists: string[][]) => lists.flat().sort();

test.each([
  ['viewer', sorted(FOR_VIEWERS)],
  ['approver', sorted(FOR_VIEWERS, FOR_APPROVERS)],
  ['operator', sorted(FOR_VIEWERS, FOR_APPROVERS, FOR_OPERATORS)],
] as const)('a device that is a %s may call these methods and no others', async (role, names) => {
  expect(await allowed(role, PHONE)).toEqual(names);
});

test('a surface of this machine may call every method, and each is in one of the lists', async () => {
  expect(await allowed('operator', null)).toEqual(
    sorted(FOR_VIEWERS, FOR_APPROVERS, FOR_OPERATORS, FOR_THIS_MACHINE),
  );
  expect(ROLES).toEqual(['viewer', 'approver', 'operator']);
});

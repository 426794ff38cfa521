import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostClient } from '../../src/connection/host-client.ts';
import type { SealedTransport } from '../../src/connection/sealed/sealed-transport.ts';
import { RpcFailure } from '../../src/protocol/errors.ts';
import type { Role } from '../../src/protocol/devices.ts';
import { dist, eventually, HostUnderTest, newCommandId, text } from './support/host-under-test.ts';
import { killHard, runningProcesses } from './support/processes.ts';
import { SealedDevice } from './support/sealed-device.ts';

const demo = {
  agents: {
    demo: {
      command: process.execPath,
      args: [join(dist, 'demo-agent', 'main.js'), '--speed', '20'],
    },
  },
};

let host: HostUnderTest;
beforeEach(() => {
  host = new HostUnderTest(demo);
});
afterEach(async () => await host.stop(), 30_000);

/** Starts the host with one device in its book. */
async function paired(role: Role = 'operator', name = 'Pixel 9'): Promise<SealedDevice> {
  const device = await SealedDevice.pairedWith(host.home, name, role);
  await host.connect();
  return device;
}

/** As soon as the host is admitted there. */
async function relay(): Promise<string> {
  return await eventually(async () => {
    const { url, connected } = await host.client.call('relay.status', {});
    return connected ? url : null;
  });
}

/** The host loses its relay, or the relay its host: devices are let in again by themselves. */
async function connect(device: SealedDevice) {
  return await eventually(async () => await device.connect(await relay()).catch(() => null));
}

function relayPid(): number | null {
  const hostPids = new Set(
    runningProcesses()
      .filter(({ home, command }) => home === host.home.root && command.includes('host/main.js'))
      .map(({ pid }) => pid),
  );
  const found = runningProcesses().find(
    ({ parent, command }) => hostPids.has(parent) && command.includes('relay/main.js'),
  );
  return found?.pid ?? null;
}

async function code(act: Promise<unknown>): Promise<unknown> {
  return await act.then(
    () => null,
    (error: unknown) => (error instanceof RpcFailure ? error.code : String(error)),
  );
}
const NOT_ALLOWED = -32017;

test('without a device there is no key, no relay and no open port', async () => {
  await host.connect();
  expect(await host.client.call('relay.status', {})).toEqual({
    url: null,
    own: false,
    connected: false,
    since: null,
    lanUrl: null,
    problem: null,
  });
  expect([relayPid(), existsSync(join(host.home.root, 'keys.json'))]).toEqual([null, false]);
}, 60_000);

test('a paired device comes in, is told who it is, prompts, and decides', async () => {
  const device = await paired();
  const { hello, client } = await device.connect(await relay());
  expect(hello.device).toEqual({ id: device.grant.device, name: 'Pixel 9', role: 'operator' });
  expect(hello.hostName).not.toBe('');
  const sessionId = await host.start('demo');
  await client.call('session.follow', { sessionId });
  await client.call('session.send', {
    ...{ sessionId, commandId: newCommandId(), prompt: text('go on') },
  });
  const approval = await host.approval(sessionId);
  const decision = { commandId: newCommandId(), choice: { allow: true } };
  const { outcome } = await client.call(
    'approval.decide',
    await device.signer.decide(approval, decision),
  );
  const events = await host.events(sessionId);
  const by = events.flatMap((event) =>
    event.type === 'prompt.queued' || event.type === 'approval.decided' ? [event.by] : [],
  );
  expect([outcome, by]).toEqual(['decided', ['device:Pixel 9', 'device:Pixel 9']]);
  const [listed] = (await host.client.call('devices.list', {})).devices;
  expect(listed).toMatchObject({ name: 'Pixel 9', online: true, connections: 1, via: 'relay' });
  client.close();
}, 60_000);

test('host and relay are killed, and the device is let in again at the same address', async () => {
  const device = await paired();
  const address = await relay();
  await device.connect(address);
  const first = relayPid();
  killHard(first ?? 0);
  const afterRelay = await connect(device);
  const { pid } = await host.client.call('host.status', {});
  killHard(pid);
  expect(await afterRelay.line.ended).not.toBe('');
  await host.connect();
  const afterHost = await connect(device);
  expect([await relay(), afterHost.hello.device?.name, relayPid() === first]).toEqual([
    address,
    'Pixel 9',
    false,
  ]);
  // The relay of the killed host has ended with it.
  expect(
    runningProcesses().filter(({ command }) => command.includes(address.slice(7))),
  ).toHaveLength(1);
}, 60_000);

test('a connection that is played again is not answered, also by the next host', async () => {
  const device = await paired();
  const { client } = await device.connect(await relay());
  await client.call('desk.follow', {});
  const [recorded] = device.sent;
  if (recorded === undefined) throw new Error('nothing was sent');
  const again = async () => {
    const line = await device.line(await relay());
    let answered = false;
    line.start({ frame: () => (answered = true), close: () => {} });
    line.send(recorded);
    await line.ended;
    return answered;
  };
  const before = await again();
  const { pid } = await host.client.call('host.status', {});
  killHard(pid);
  await host.connect();
  const { hello } = await connect(device);
  expect([before, await again(), hello.device?.id]).toEqual([false, false, device.grant.device]);
}, 60_000);

test('a device with the right grant and other keys is told nothing', async () => {
  const stranger = await SealedDevice.pairedWith(host.home, 'Stranger', 'operator');
  const device = await paired();
  const line = await device.line(await relay());
  // It seals with its own keys under the other's name.
  const sealed = stranger.seal(line, 1, device.grant.device);
  const heard: string[] = [];
  sealed.start({ message: (message) => heard.push(message), close: () => {} });
  sealed.send('{}');
  await line.ended;
  const { devices } = await host.client.call('devices.list', {});
  expect([heard, devices.map(({ lastSeenAt }) => lastSeenAt)]).toEqual([[], [null, null]]);
}, 60_000);

test('a revoked device is cut off in mid-message, and does not come back', async () => {
  const device = await paired();
  const other = await relay();
  const sessionId = await host.start('demo');
  const line = await device.line(other);
  const sealed: SealedTransport = device.seal(line);
  const { client } = await HostClient.connect(sealed, { surface: 'phone', version: '0' });
  // The rest of the message stays behind: the window of the channel is full without the host's credit.
  const large = 'x'.repeat(4 * 1024 * 1024);
  const prompt = { sessionId, commandId: newCommandId(), prompt: text(large) };
  const sending = code(client.call('session.send', prompt));
  const { revoked } = await host.client.call('devices.revoke', { device: device.grant.device });
  const wentOut = device.sent.reduce((sum, { length }) => sum + length, 0);
  expect([revoked, wentOut < large.length, await line.ended, await sending]).toEqual([
    [device.grant.device],
    true,
    expect.stringContaining('closed with'),
    expect.stringContaining('closed'),
  ]);
  const events = await host.events(sessionId);
  expect(events.filter(({ type }) => type === 'prompt.queued')).toEqual([]);
  // It was the only device: nothing is left to knock at.
  await eventually(async () => (relayPid() === null ? true : null));
  expect(readFileSync(join(host.home.root, 'devices.json'), 'utf8')).not.toContain('rootPsk');
}, 60_000);

test('revoking one leaves the other connected, and the relay turns the first away', async () => {
  const gone = await SealedDevice.pairedWith(host.home, 'Gone', 'operator');
  const stays = await paired();
  const first = await gone.connect(await relay());
  const second = await stays.connect(await relay());
  await host.client.call('devices.revoke', { device: gone.grant.device });
  await first.line.ended;
  expect([
    await gone.connect(await relay()).then(
      () => 'in',
      (error: unknown) => String(error),
    ),
    (await second.client.call('session.list', {})).sessions,
  ]).toEqual(['Error: refused: revoked', []]);
}, 60_000);

test('a new role holds at once: the connection ends, and the next one has it', async () => {
  const device = await paired();
  const sessionId = await host.start('demo');
  const { line } = await device.connect(await relay());
  const told = new Promise((resolve) =>
    host.client.notices.on(({ name, params }) => {
      if (name === 'devices.changed') resolve(params);
    }),
  );
  await host.client.call('devices.list', {});
  await host.client.call('devices.setRole', { device: device.grant.device, role: 'viewer' });
  await line.ended;
  const { client, hello } = await connect(device);
  const send = { sessionId, commandId: newCommandId(), prompt: text('hi') };
  expect([
    hello.device?.role,
    await code(client.call('session.send', send)),
    await code(client.call('devices.list', {})),
    (await client.call('session.list', {})).sessions.length,
  ]).toEqual(['viewer', NOT_ALLOWED, NOT_ALLOWED, 1]);
  expect(await told).toMatchObject({ devices: [{ role: 'viewer' }] });
}, 60_000);

test('a device starts sessions where one ran before, and nowhere else until the owner allows it', async () => {
  const device = await paired();
  const { client } = await device.connect(await relay());
  const start = async (cwd: string) =>
    await code(
      client.call(
        'session.start',
        { commandId: newCommandId(), agent: 'demo', cwd, share: true },
        30_000,
      ),
    );
  const before = [await start(host.workspace), await start(host.folder)];
  await host.start('demo');
  const places = await client.call('folder.places', {});
  const after = [await start(host.workspace), await start(host.folder)];
  host.writeConfig({ ...demo, devices: { roots: [host.folder] } });
  expect([before, places, after, await start(host.folder)]).toEqual([
    [NOT_ALLOWED, NOT_ALLOWED],
    { recent: [host.workspace], roots: [] },
    [null, NOT_ALLOWED],
    null,
  ]);
}, 60_000);

test("a device is not given the result of another's command", async () => {
  const one = await SealedDevice.pairedWith(host.home, 'One', 'operator');
  const two = await paired('operator', 'Two');
  const sessionId = await host.start('demo');
  const title = { sessionId, commandId: newCommandId(), title: 'mine' };
  const clientOf = async (device: SealedDevice): Promise<HostClient> =>
    (await device.connect(await relay())).client;
  const mine = await clientOf(one);
  await mine.call('session.rename', title);
  expect([
    await code(mine.call('session.rename', title)),
    await code((await clientOf(two)).call('session.rename', title)),
    await code(host.client.call('session.rename', title)),
  ]).toEqual([null, -32012, -32012]);
}, 60_000);

test('the port of the relay changes with config.json, without a restart', async () => {
  const device = await paired();
  const before = await relay();
  const port = Number(new URL(before).port) + 1;
  host.writeConfig({ ...demo, relay: { port } });
  const after = await eventually(async () => ((await relay()) === before ? null : await relay()));
  const { hello } = await connect(device);
  expect([after, hello.device?.name]).toEqual([`http://127.0.0.1:${port}`, 'Pixel 9']);
}, 60_000);

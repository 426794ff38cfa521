import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  MAX_GUEST_BYTES,
  MAX_REVOKED,
  MAX_UNREAD_BYTES,
  RELAY_POLL_PATH,
  RELAY_SUBPROTOCOL,
} from '../../../src/protocol/relay.ts';
import { RelayClock } from '../../support/relay-clock.ts';
import {
  connectDevice,
  connectGuest,
  connectHost,
  DeviceKey,
  HostKey,
  id,
  RelayClient,
} from '../../support/relay-clients.ts';
import { relayHere } from '../../support/relay-under-test.ts';

const wait = { timeout: 5_000 };
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function relay(options: Parameters<typeof relayHere>[0]) {
  const place = await relayHere(options);
  stops.push(place.stop);
  return place;
}

/** The HTTP status of an upgrade that is turned away; 101 for one that is not. */
async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  const ws = new WebSocket(url, RELAY_SUBPROTOCOL, { headers });
  ws.on('error', () => {});
  const refused = once(ws, 'unexpected-response').then(([, response]) =>
    Number(response.statusCode),
  );
  const opened = once(ws, 'open').then(() => 101);
  const status = await Promise.race([refused, opened]);
  stops.unshift(async () => ws.terminate());
  return status;
}

test('an address has so many connections, by WebSocket and POST together, and no more', async () => {
  const place = await relay({ limits: { maxPerAddress: 2 } });
  const poll = async () =>
    (await fetch(`${place.url}${RELAY_POLL_PATH}`, { method: 'POST' })).status;
  const first = new RelayClient(place.socketUrl);
  await first.nonce();
  expect([await poll(), await poll(), await statusOf(place.socketUrl)]).toEqual([200, 429, 429]);
  first.end();
  await expect.poll(async () => await statusOf(place.socketUrl), wait).toBe(101);
  expect(place.relay.metrics.turnedAway).toBeGreaterThanOrEqual(2);
});

test('behind a trusted proxy the address is the one that the proxy wrote; else it is not believed', async () => {
  const limits = { maxPerAddress: 1 };
  const from = (address: string) => ({ 'x-forwarded-for': `10.0.0.1, ${address}` });
  const trusting = await relay({ trustProxy: true, limits });
  const ways = [
    '192.0.2.1',
    '192.0.2.1',
    '192.0.2.2',
    '2001:db8::1',
    '2001:db8:0:0:9::1',
    '2001:db8:0:1::1',
  ];
  const statuses = [];
  for (const way of ways) statuses.push(await statusOf(trusting.socketUrl, from(way)));
  expect(statuses).toEqual([101, 429, 101, 101, 429, 101]);
  const plain = await relay({ limits });
  expect([
    await statusOf(plain.socketUrl, from('192.0.2.1')),
    await statusOf(plain.socketUrl, from('192.0.2.2')),
  ]).toEqual([101, 429]);
});

test('new connections come at a rate', async () => {
  const clock = new RelayClock();
  const place = await relay({ clock, limits: { addressConnects: { burst: 2, perSecond: 1 } } });
  const three = async () => {
    const statuses = [];
    for (let time = 0; time < 3; time += 1) statuses.push(await statusOf(place.socketUrl));
    return statuses;
  };
  expect(await three()).toEqual([101, 101, 429]);
  clock.pass(1_000);
  expect(await three()).toEqual([101, 429, 429]);
});

test('the whole relay has so many connections, and says so', async () => {
  const place = await relay({ limits: { maxConnections: 1 } });
  expect([await statusOf(place.socketUrl), await statusOf(place.socketUrl)]).toEqual([101, 503]);
});

test('a channel has so many devices, connects at a rate, and there are so many channels', async () => {
  const clock = new RelayClock();
  const place = await relay({
    clock,
    limits: { maxPerChannel: 2, maxChannels: 1, channelConnects: { burst: 4, perSecond: 1 } },
  });
  const key = new HostKey();
  await connectHost(place, key);
  const first = await connectDevice(place, key, new DeviceKey());
  await connectDevice(place, key, new DeviceKey());
  const refused = async () => await connectDevice(place, key, new DeviceKey());
  await expect(refused()).rejects.toThrow('busy');
  first.end();
  await expect.poll(() => place.relay.metrics.connected.device, wait).toBe(1);
  await refused();
  await expect(connectHost(place, key)).rejects.toThrow('busy');
  clock.pass(1_000);
  await connectHost(place, key);
  await expect(connectHost(place, new HostKey())).rejects.toThrow('busy');
});

test('the channel of a host that is gone makes room, and what it revoked is remembered until then', async () => {
  const place = await relay({ limits: { maxChannels: 1 } });
  const key = new HostKey();
  const phone = new DeviceKey();
  const host = await connectHost(place, key, { revoked: [phone.id], epoch: 2 });
  host.end();
  await expect.poll(() => place.relay.metrics.connected.host, wait).toBe(0);
  await expect(connectDevice(place, key, phone, 2)).rejects.toThrow('revoked');
  await expect(connectDevice(place, key, new DeviceKey(), 1)).rejects.toThrow('revoked');
  const other = await connectHost(place, new HostKey());
  other.end();
  await expect.poll(() => place.relay.channels(), wait).toBe(0);
  // Forgotten with the host: it says it again when it comes, and the device is cut.
  const device = await connectDevice(place, key, phone, 2);
  await connectHost(place, key, { revoked: [phone.id], epoch: 2 });
  expect((await device.closed).code).toBe(4401);
});

test('a sender over its rate waits, and nothing is lost', async () => {
  const clock = new RelayClock();
  const place = await relay({
    clock,
    limits: { channelTraffic: { burst: 3_000, perSecond: 1_000 } },
  });
  const key = new HostKey();
  const host = await connectHost(place, key);
  const device = await connectDevice(place, key, new DeviceKey());
  await host.text();
  for (let n = 0; n < 200; n += 1) device.send(Buffer.alloc(1_000, n));
  await expect.poll(() => place.relay.metrics.held, wait).toBe(1);
  expect(host.untaken.cargo.length).toBeLessThan(200);
  await expect
    .poll(() => (clock.pass(10_000), host.untaken.cargo.map((frame) => frame[4])), wait)
    .toEqual(Array.from({ length: 200 }, (_, n) => n));
});

test('a guest may send what pairing needs, and is closed with the first byte more', async () => {
  const place = await relay({});
  const host = await connectHost(place, new HostKey());
  const rendezvous = id();
  host.say({ type: 'rendezvous', rendezvous, open: true });
  await host.ponged();
  const guest = await connectGuest(place, rendezvous);
  guest.send(Buffer.alloc(MAX_GUEST_BYTES - 1));
  guest.send(Buffer.alloc(1));
  expect((await host.cargoWithSlot()).cargo.length).toBe(MAX_GUEST_BYTES - 1);
  expect((await host.cargoWithSlot()).cargo.length).toBe(1);
  guest.send(Buffer.alloc(1));
  expect((await guest.closed).code).toBe(4429);
});

test('a device that does not read is closed with 1013; its neighbours and its host feel nothing', async () => {
  const place = await relay({});
  const key = new HostKey();
  const host = await connectHost(place, key);
  const slow = await connectDevice(place, key, new DeviceKey());
  const quick = await connectDevice(place, key, new DeviceKey());
  slow.ws.pause();
  const cargo = Buffer.alloc(60_000, 1);
  // The network between takes some megabytes by itself.
  const enough = (MAX_UNREAD_BYTES * 20) / cargo.length;
  for (let n = 0; n < enough; n += 1) host.sendTo(1, cargo);
  host.sendTo(2, Buffer.from('for the quick one'));
  expect(String(await quick.cargo())).toBe('for the quick one');
  expect(place.relay.metrics.slowCloses.device).toBe(1);
  expect([await host.text(), await host.text(), await host.text()].map(({ type }) => type)).toEqual(
    ['opened', 'opened', 'closed'],
  );
  slow.ws.resume();
  expect(await slow.closed).toEqual({ code: 1013, reason: 'Too much was left unread.' });
});

test('who sends to a host that is behind waits until it has caught up: nothing is lost', async () => {
  const place = await relay({});
  const key = new HostKey();
  const host = await connectHost(place, key);
  const device = await connectDevice(place, key, new DeviceKey());
  await host.text();
  host.ws.pause();
  const count = 400;
  for (let n = 0; n < count; n += 1) device.send(Buffer.alloc(60_000, n));
  await expect.poll(() => place.relay.unreadBytes() > MAX_UNREAD_BYTES / 4, wait).toBe(true);
  expect(place.relay.metrics.slowCloses.host).toBe(0);
  host.ws.resume();
  for (let n = 0; n < count; n += 1)
    expect((await host.cargoWithSlot()).cargo[59_999]).toBe(n % 256);
});

test('a host that is told more than it reads is closed with 1013, and its devices hear that it is gone', async () => {
  const place = await relay({});
  const key = new HostKey();
  const host = await connectHost(place, key);
  const devices = [];
  for (let n = 0; n < 30; n += 1) devices.push(await connectDevice(place, key, new DeviceKey()));
  host.ws.pause();
  for (const device of devices) for (let n = 0; n < 40; n += 1) device.send(Buffer.alloc(60_000));
  await expect.poll(() => place.relay.metrics.slowCloses.host, wait).toBe(1);
  expect(await devices[0]?.text()).toEqual({ type: 'host', here: false });
  host.ws.resume();
  expect((await host.closed).code).toBe(1013);
});

test('a host that revokes one by one beyond all bounds has to begin a new epoch', async () => {
  const place = await relay({});
  const host = await connectHost(place, new HostKey());
  const ids = () => Array.from({ length: MAX_REVOKED }, () => id());
  host.say({ type: 'revoke', revoked: ids(), epoch: 0 });
  host.say({ type: 'revoke', revoked: ids(), epoch: 0 });
  await host.ponged();
  host.say({ type: 'revoke', revoked: [id()], epoch: 0 });
  expect((await host.closed).code).toBe(4401);
});

test('a device with too many connections loses its oldest', async () => {
  const place = await relay({});
  const key = new HostKey();
  const phone = new DeviceKey();
  const lines = [];
  for (let n = 0; n < 9; n += 1) lines.push(await connectDevice(place, key, phone));
  expect((await lines[0]?.closed)?.code).toBe(4429);
  await lines[1]?.ponged();
});

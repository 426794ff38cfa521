import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  deviceIdSchema,
  mailIdSchema,
  RELAY_PATH,
  RELAY_SUBPROTOCOL,
} from '../../../src/protocol/relay.ts';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  id,
  RelayClient,
} from '../../support/relay-clients.ts';
import { RelayClock } from '../../support/relay-clock.ts';
import { note } from '../../support/relay-notes.ts';
import { relayHere } from '../../support/relay-under-test.ts';

const wait = { timeout: 5_000 };
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function relay(options: Parameters<typeof relayHere>[0] = {}) {
  const place = await relayHere(options);
  stops.push(place.stop);
  return place;
}

const masked = (opcode: number, payload: Buffer, isLast = true): Buffer =>
  Buffer.concat([
    Buffer.from([(isLast ? 0x80 : 0) | opcode, 0x80 | payload.length, 0, 0, 0, 0]),
    payload,
  ]);
const PING = masked(0x9, Buffer.alloc(125));

/** A client that writes frames as it likes, and reads when it likes. */
async function rawClient(authority: string): Promise<Socket> {
  const [host = '', port] = authority.split(':');
  const socket = connect({ host, port: Number(port) }).on('error', () => {});
  stops.unshift(() => socket.destroy());
  const head = [
    ...[`GET ${RELAY_PATH} HTTP/1.1`, 'Host: x', 'Upgrade: websocket', 'Connection: Upgrade'],
    ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='],
    `Sec-WebSocket-Protocol: ${RELAY_SUBPROTOCOL}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}

test('an address whose admissions fail has to wait; where there was no room it has not failed', async () => {
  const clock = new RelayClock();
  const place = await relay({
    clock,
    limits: { addressConnects: { burst: 25, perSecond: 1 }, maxChannels: 1 },
  });
  const fail = async () => {
    const client = new RelayClient(place.socketUrl);
    // Where it is turned away.
    client.closed.catch(() => {});
    await Promise.race([client.nonce(), client.closed]);
    client.say({ type: 'guest', rendezvous: id() });
    const message = await client.text();
    await client.closed;
    return message.type === 'refused' ? message.code : message.type;
  };
  const key = new HostKey();
  (await connectHost(place, key)).end();
  // 24 are left: two failures weigh twenty, and those that find no room one each.
  expect([await fail(), await fail()]).toEqual(['noRendezvous', 'noRendezvous']);
  const busy = await connectHost(place, key);
  await expect(connectHost(place, new HostKey())).rejects.toThrow('busy');
  await expect(connectHost(place, new HostKey())).rejects.toThrow('busy');
  await expect(connectHost(place, key)).resolves.toBeDefined();
  await expect(fail()).rejects.toThrow('429');
  clock.pass(10_000);
  expect(await fail()).toBe('noRendezvous');
  // Whoever could not be heard in time has not failed either: all of a place may be back at once.
  clock.pass(25_000);
  const mute = [1, 2, 3].map(() => new RelayClient(place.socketUrl));
  for (const client of mute) await client.nonce();
  clock.pass(5_000);
  for (const client of mute) await client.closed;
  expect([await fail(), await fail()]).toEqual(['noRendezvous', 'noRendezvous']);
  busy.end();
});

test('a flood of pings is read slowly, costs no memory where it is not read, and harms nobody', async () => {
  const clock = new RelayClock();
  const place = await relay({
    clock,
    limits: { addressTraffic: { burst: 1_000_000, perSecond: 100_000 } },
  });
  const key = new HostKey();
  const host = await connectHost(place, key);
  const flood = await rawClient(place.authority);
  flood.pause();
  const many = Buffer.concat(Array.from({ length: 1_000 }, () => PING));
  let taken = 0;
  for (let n = 0; n < 40; n += 1) flood.write(many, () => (taken += 1));
  // Its address owes for two thousand: from then on it is not read.
  await expect.poll(() => place.relay.metrics.held, wait).toBeGreaterThan(0);
  expect(place.relay.unreadBytes()).toBeLessThan(64 * 1024);
  await host.ponged();
  expect(taken).toBeLessThan(40);
});

test('who does not read what it asks for is answered no more, and its own words are not kept', async () => {
  const place = await relay();
  const flood = await rawClient(place.authority);
  flood.pause();
  const many = Buffer.concat(Array.from({ length: 1_000 }, () => PING));
  for (let n = 0; n < 200; n += 1)
    await new Promise<void>((resolve) => void flood.write(many, () => resolve()));
  const unread = place.relay.unreadBytes();
  expect(unread).toBeLessThan(64 * 1024);
  // A client that pings and reads is answered.
  const polite = new WebSocket(place.socketUrl, RELAY_SUBPROTOCOL);
  stops.unshift(() => polite.terminate());
  await once(polite, 'open');
  polite.ping('there?');
  expect(String((await once(polite, 'pong'))[0])).toBe('there?');
});

test('a message in very many pieces, and a frame that drips, end their line', async () => {
  const place = await relay();
  const first = masked(0x2, Buffer.from('x'), false);
  const more = masked(0x0, Buffer.from('x'), false);
  const pieces = await rawClient(place.authority);
  pieces.resume();
  pieces.write(Buffer.concat([first, ...Array.from({ length: 400 }, () => more)]));
  await once(pieces, 'close');
  // 60,000 bytes to come, one at a time.
  const drip = await rawClient(place.authority);
  drip.setNoDelay().resume();
  let isOver = false;
  drip.on('close', () => (isOver = true));
  drip.write(Buffer.from([0x82, 0xfe, 0xea, 0x60, 0, 0, 0, 0]));
  for (let n = 0; n < 50_000 && !isOver; n += 1) {
    drip.write('x');
    await setImmediate();
  }
  expect(isOver).toBe(true);
});

test('words of any kind and length weigh as cargo does', async () => {
  const clock = new RelayClock();
  const place = await relay({
    clock,
    limits: { channelTraffic: { burst: 300_000, perSecond: 10_000 } },
  });
  const key = new HostKey();
  const host = await connectHost(place, key);
  const device = await connectDevice(place, key, new DeviceKey());
  const long = 'x'.repeat(50_000);
  for (const type of ['ping', 'ofALaterVersion'])
    for (let n = 0; n < 4; n += 1) device.say({ type, long });
  await expect.poll(() => place.relay.metrics.held, wait).toBe(1);
  host.end();
});

test.each([
  { type: 'rendezvous', rendezvous: id(), open: true },
  { type: 'notes', notes: [note()] },
  { type: 'dropNotes' },
  { type: 'notesHeard', fired: [] },
])(
  'a word of a host that goes to other nodes or to a disk weighs more than its letters: $type',
  async (word) => {
    const limits = { channelTraffic: { burst: 300_000, perSecond: 10_000 } };
    const place = await relay({ clock: new RelayClock(), limits });
    const host = await connectHost(place, new HostKey());
    for (let n = 0; n < 4; n += 1) host.say(word);
    await host.ponged();
    expect(place.relay.metrics.held).toBe(0);
    for (let n = 0; n < 2; n += 1) host.say(word);
    await expect.poll(() => place.relay.metrics.held, wait).toBe(1);
  },
);

test('so does what a host says that it has taken', async () => {
  const limits = { channelTraffic: { burst: 300_000, perSecond: 10_000 } };
  const place = await relay({ clock: new RelayClock(), limits });
  const host = await connectHost(place, new HostKey());
  const mail = [{ device: deviceIdSchema.parse(id()), id: mailIdSchema.parse(id()) }];
  for (let n = 0; n < 6; n += 1) host.say({ type: 'mailTaken', mail });
  await expect.poll(() => place.relay.metrics.held, wait).toBe(1);
});

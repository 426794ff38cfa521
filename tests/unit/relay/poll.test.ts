import { afterEach, expect, test } from 'vitest';
import { CLOSE_ENDED, MAX_POLL_UP_BYTES, RELAY_POLL_PATH } from '../../../src/protocol/relay.ts';
import { PollClient } from '../../support/poll-client.ts';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  type RelayClient,
} from '../../support/relay-clients.ts';
import { relayHere, type RelayUnderTest } from '../../support/relay-under-test.ts';

let place: RelayUnderTest;
const key = new HostKey();
afterEach(async () => await place.stop());

/** A host over WebSocket, and a device over POST and SSE, admitted; the device has slot 1. */
async function both(): Promise<{ host: RelayClient; phone: PollClient; device: DeviceKey }> {
  place = await relayHere();
  const host = await connectHost(place, key);
  const device = new DeviceKey();
  const phone = await admitted(device);
  expect(await host.text()).toMatchObject({ type: 'opened', slot: 1, device: device.id });
  return { host, phone, device };
}

async function admitted(device: DeviceKey): Promise<PollClient> {
  const phone = await PollClient.open(place.url);
  await phone.listen();
  const challenge = await phone.text();
  if (challenge.type !== 'challenge') throw new Error(challenge.type);
  const grant = key.grant(device);
  await phone.say(device.admission(challenge.nonce, place.authority, key.channel, grant));
  expect(await phone.text()).toEqual({ type: 'admitted', host: true });
  return phone;
}

test('the same frames go up by POST and come down as events, in order and numbered', async () => {
  const { host, phone } = await both();
  await phone.up([{ cargo: 'AAEC' }, { text: '{"type":"ping"}' }, { cargo: 'AwQF' }]);
  expect([await host.cargoWithSlot(), await host.cargoWithSlot()]).toEqual([
    { slot: 1, cargo: Buffer.from([0, 1, 2]) },
    { slot: 1, cargo: Buffer.from([3, 4, 5]) },
  ]);
  expect(await phone.text()).toEqual({ type: 'pong' });
  for (const byte of [1, 2, 3]) host.sendTo(1, Buffer.alloc(100, byte));
  for (const byte of [1, 2, 3]) expect(await phone.cargo()).toEqual(Buffer.alloc(100, byte));
  expect(phone.events.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a POST that came already is answered again and not done again; one too early is refused', async () => {
  const { host, phone } = await both();
  const n = phone.posts + 1;
  expect([
    await phone.up([{ cargo: 'AQ' }], n),
    await phone.up([{ cargo: 'AQ' }], n),
    await phone.up([{ cargo: 'CQ' }], n + 2),
    await phone.up([{ cargo: 'Ag' }], n + 1),
  ]).toEqual([200, 200, 409, 200]);
  expect([(await host.cargoWithSlot()).cargo, (await host.cargoWithSlot()).cargo]).toEqual([
    Buffer.from([1]),
    Buffer.from([2]),
  ]);
  await host.ponged();
  expect(host.untaken.cargo).toEqual([]);
});

test('a broken stream is resumed after the last event that was seen', async () => {
  const { host, phone } = await both();
  host.sendTo(1, Buffer.from('a'));
  expect(String(await phone.cargo())).toBe('a');
  phone.drop();
  host.sendTo(1, Buffer.from('b'));
  host.sendTo(1, Buffer.from('c'));
  await host.ponged();
  expect(await phone.listen()).toBe(200);
  expect([String(await phone.cargo()), String(await phone.cargo())]).toEqual(['b', 'c']);
  // Seen, and not said to be: the network took it, the page did not.
  expect(await phone.listen(3)).toBe(200);
  expect([String(await phone.cargo()), String(await phone.cargo())]).toEqual(['b', 'c']);
});

test('a stream cannot be resumed where it never was', async () => {
  const { phone, host } = await both();
  expect(await phone.listen(99)).toBe(410);
  expect(await host.text()).toEqual({ type: 'closed', slot: 1 });
  expect(await phone.listen(2)).toBe(404);
});

test('who is closed hears the code as the last event, and its id is forgotten', async () => {
  const { host, phone } = await both();
  host.say({ type: 'close', slot: 1, reason: 'enough' });
  const { event, data } = await phone.next();
  expect([event, JSON.parse(data)]).toEqual(['close', { code: CLOSE_ENDED, reason: 'enough' }]);
  expect(await phone.up([{ cargo: 'AA' }])).toBe(404);
});

test('what is no POST of this protocol is refused and does no harm', async () => {
  const { host, phone } = await both();
  const n = phone.posts + 1;
  expect([
    await phone.upRaw('{'),
    await phone.upRaw('[]'),
    await phone.upRaw(JSON.stringify({ n, frames: [] })),
    await phone.upRaw(JSON.stringify({ n: 0, frames: [{ text: '' }] })),
    await phone.upRaw('x'.repeat(MAX_POLL_UP_BYTES + 1)),
    (await fetch(`${place.url}${RELAY_POLL_PATH}`)).status,
    (await fetch(`${place.url}${RELAY_POLL_PATH}/nobody/up`, { method: 'POST' })).status,
  ]).toEqual([400, 400, 400, 400, 413, 405, 404]);
  await phone.send(Buffer.from('well'));
  expect(String((await host.cargoWithSlot()).cargo)).toBe('well');
});

test('a page of another origin may use it', async () => {
  place = await relayHere();
  const asked = await fetch(`${place.url}${RELAY_POLL_PATH}`, { method: 'OPTIONS' });
  expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
});

test('a host can be reached this way too', async () => {
  place = await relayHere();
  const host = await PollClient.open(place.url);
  await host.listen();
  const challenge = await host.text();
  if (challenge.type !== 'challenge') throw new Error(challenge.type);
  await host.say(key.admission(challenge.nonce, place.authority));
  expect(await host.text()).toEqual({ type: 'admitted', host: true });
  const device = await connectDevice(place, key, new DeviceKey());
  expect(await host.text()).toMatchObject({ type: 'opened', slot: 1 });
  device.send(Buffer.from('hello'));
  const frame = await host.cargo();
  expect([frame.readUInt32BE(), String(frame.subarray(4))]).toEqual([1, 'hello']);
  await host.send(frame);
  expect(String(await device.cargo())).toBe('hello');
});

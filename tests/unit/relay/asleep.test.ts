import { afterEach, expect, test } from 'vitest';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  RelayClient,
} from '../../support/relay-clients.ts';
import { relayHere, type RelayUnderTest } from '../../support/relay-under-test.ts';

const SINCE = '2026-11-21T14:02:00.000Z';
const wait = { timeout: 5_000 };
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function relay(options?: Parameters<typeof relayHere>[0]) {
  const started = await relayHere(options);
  stops.push(started.stop);
  return started;
}

/** What a device that comes now is told. */
async function admission(place: RelayUnderTest, key: HostKey, phone = new DeviceKey()) {
  const client = new RelayClient(place.socketUrl);
  const grant = key.grant(phone);
  client.say(phone.admission(await client.nonce(), place.authority, key.channel, grant));
  const told = await client.text();
  client.end();
  await client.closed;
  return told;
}

/** Said its word and left, as a host does before its machine sleeps. */
async function fallAsleep(place: Awaited<ReturnType<typeof relay>>, key: HostKey, since = SINCE) {
  const host = await connectHost(place, key);
  host.say({ type: 'sleeping', since });
  await host.ponged();
  host.end();
  await expect.poll(() => place.relay.metrics.connected.host, wait).toBe(0);
}

test('devices that are there, and those that come, are told since when the host sleeps', async () => {
  const place = await relay();
  const key = new HostKey();
  const device = await connectDevice(place, key, new DeviceKey());
  const host = await connectHost(place, key);
  expect(await device.text()).toEqual({ type: 'host', here: true });
  host.say({ type: 'sleeping', since: '2026-11-21T14:02:00.00000000000Z' });
  await host.ponged();
  // It sleeps when it is gone; until then it can be talked to.
  expect(await admission(place, key)).toEqual({ type: 'admitted', host: true });
  host.end();
  expect(await device.text()).toEqual({ type: 'host', here: false, asleepSince: SINCE });
  expect(await admission(place, key)).toEqual({
    type: 'admitted',
    host: false,
    asleepSince: SINCE,
  });
  // Its devices all leave, and come again.
  device.end();
  await device.closed;
  await expect.poll(() => place.relay.metrics.connected.device, wait).toBe(0);
  expect(await admission(place, key)).toEqual({
    type: 'admitted',
    host: false,
    asleepSince: SINCE,
  });
});

test('a host that was admitted again and goes without a word is away, not asleep', async () => {
  const place = await relay();
  const key = new HostKey();
  await fallAsleep(place, key);
  const host = await connectHost(place, key);
  host.end();
  await expect.poll(() => place.relay.metrics.connected.host, wait).toBe(0);
  expect(await admission(place, key)).toEqual({ type: 'admitted', host: false });
  await expect.poll(() => place.relay.channels(), wait).toBe(0);
});

test('what sleeps is forgotten before what was revoked, where there is no room for both', async () => {
  const place = await relay({ limits: { maxChannels: 2 } });
  const strict = new HostKey();
  const lost = new DeviceKey();
  const host = await connectHost(place, strict, { revoked: [lost.id], epoch: 0 });
  host.end();
  await expect.poll(() => place.relay.metrics.connected.host, wait).toBe(0);
  const sleeper = new HostKey();
  await fallAsleep(place, sleeper);
  await fallAsleep(place, new HostKey());
  await expect(connectDevice(place, strict, lost)).rejects.toThrow('revoked');
  expect(await admission(place, sleeper)).toEqual({ type: 'admitted', host: false });
});

test('a time that is none ends the line of the host that says it, as any other wrong word', async () => {
  const place = await relay();
  const host = await connectHost(place, new HostKey());
  host.say({ type: 'sleeping', since: 'now' });
  expect((await host.closed).code).toBe(4401);
});

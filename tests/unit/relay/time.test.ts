import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { MAX_GUEST_SECONDS, POLL_RESUME_SECONDS } from '../../../src/protocol/relay.ts';
import { Liveness, type Pinged } from '../../../src/relay/liveness.ts';
import { Metrics } from '../../../src/relay/metrics.ts';
import { PollClient } from '../../support/poll-client.ts';
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

let clock: RelayClock;
let place: Awaited<ReturnType<typeof relayHere>>;
const wait = { timeout: 5_000 };

beforeEach(async () => {
  clock = new RelayClock();
  place = await relayHere({ clock });
});
afterEach(async () => await place.stop());

test('who does not say in five seconds who it is, is sent away', async () => {
  const silent = new RelayClient(place.socketUrl);
  await silent.nonce();
  clock.pass(4_999);
  const inTime = await connectHost(place, new HostKey());
  clock.pass(1);
  expect(await silent.text()).toMatchObject({ type: 'refused', code: 'badMessage' });
  expect((await silent.closed).code).toBe(4401);
  await inTime.ponged();
});

test('what a client has said in time is read before it counts as late: the delay is the relay’s', async () => {
  const client = new RelayClient(place.socketUrl);
  const nonce = await client.nonce();
  // Timers run before the network is read, as in a relay that thousands come back to.
  await new Promise((resolve) => setTimeout(resolve));
  client.say(new HostKey().admission(nonce, place.authority));
  clock.pass(5_000);
  expect(await client.text()).toMatchObject({ type: 'admitted' });
});

test('an offer ends with its seconds; a guest who came in time may stay until its own are over', async () => {
  const host = await connectHost(place, new HostKey());
  const rendezvous = id();
  host.say({ type: 'rendezvous', rendezvous, open: true, seconds: 10 });
  await host.ponged();
  clock.pass(9_999);
  const guest = await connectGuest(place, rendezvous);
  guest.end();
  await host.text();
  await host.text();
  const again = await connectGuest(place, rendezvous);
  clock.pass(1);
  await expect(connectGuest(place, rendezvous)).rejects.toThrow('noRendezvous');
  for (let second = 0; second < MAX_GUEST_SECONDS; second += 10) {
    await again.ponged();
    clock.pass(10_000);
  }
  expect(await again.closed).toEqual({ code: 4429, reason: 'The time for pairing is over.' });
});

test('a poll whose stream nobody takes up again is over after its seconds, and not before', async () => {
  const key = new HostKey();
  const host = await PollClient.open(place.url);
  await host.listen();
  const challenge = await host.text();
  if (challenge.type !== 'challenge') throw new Error(challenge.type);
  await host.say(key.admission(challenge.nonce, place.authority));
  await host.text();
  const device = await connectDevice(place, key, new DeviceKey());
  host.drop();
  // The relay hears of it when the connection is gone.
  await expect.poll(() => (clock.pass(1_000), device.untaken.texts.length), wait).toBe(1);
  expect(await device.text()).toEqual({ type: 'host', here: false });
  expect(await host.listen()).toBe(404);
  expect(POLL_RESUME_SECONDS).toBe(30);
});

test('a host is asked every 20 s, a device every 55 s, whether it is there', async () => {
  const key = new HostKey();
  const host = await connectHost(place, key);
  const device = await connectDevice(place, key, new DeviceKey());
  const pings = { host: 0, device: 0 };
  host.ws.on('ping', () => (pings.host += 1));
  device.ws.on('ping', () => (pings.device += 1));
  for (let second = 0; second < 120; second += 1) {
    clock.pass(1_000);
    // Both have answered what they were asked.
    if (second % 10 === 9) await Promise.all([host.ponged(), device.ponged()]);
  }
  await expect.poll(() => pings, wait).toEqual({ host: 6, device: 2 });
});

test('who does not answer by the next time is cut off, though its socket is open', async () => {
  const key = new HostKey();
  const host = await connectHost(place, key);
  const device = await connectDevice(place, key, new DeviceKey());
  await host.text();
  // As a machine that lost its network: the socket is there, and nothing comes out of it.
  host.ws.pause();
  clock.pass(20_000);
  expect(device.untaken.texts).toEqual([]);
  clock.pass(20_000);
  expect(await device.text()).toEqual({ type: 'host', here: false });
  expect(place.relay.metrics.unanswered).toBe(1);
  host.ws.resume();
  expect((await host.closed).code).toBe(1006);
  expect(device.ws.readyState).toBe(WebSocket.OPEN);
});

test('a line that we do not read from is not held to its silence', () => {
  const asked: string[] = [];
  const line: Pinged & { isPaused: boolean } = {
    isHeard: true,
    isPaused: false,
    ping: () => void asked.push('ping'),
    terminate: () => void asked.push('end'),
  };
  const liveness = new Liveness<Pinged>(3_000, new Metrics());
  const spoke = liveness.watch(line);
  const seconds = (count: number) => {
    for (let second = 0; second < count; second += 1) liveness.tick();
  };
  seconds(3);
  line.isPaused = true;
  seconds(9);
  expect(asked).toEqual(['ping']);
  line.isPaused = false;
  line.isHeard = true;
  seconds(3);
  expect(asked).toEqual(['ping', 'ping']);
  seconds(3);
  expect(asked).toEqual(['ping', 'ping', 'end']);
  spoke.delete(line);
  seconds(6);
  expect(asked).toHaveLength(3);
});

import { afterEach, expect, test } from 'vitest';
import { pollSocket } from '../../../../src/connection/device/poll-socket.ts';
import type { FetchLike, OpenSocket } from '../../../../src/connection/device/ports.ts';
import { relayMessageSchema } from '../../../../src/protocol/relay.ts';
import { connectHost, DeviceKey, HostKey } from '../../../support/relay-clients.ts';
import { relayHere, type RelayUnderTest } from '../../../support/relay-under-test.ts';
import { eventually } from '../../host/support/host-core.ts';

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function setUp(fetchLike: FetchLike = fetch) {
  const relay = await relayHere();
  stops.push(async () => await relay.stop());
  const key = new HostKey();
  const host = await connectHost(relay, key);
  stops.push(() => host.end());
  return { relay, key, host, ...guestOf(relay, key, relay.url, fetchLike) };
}

/** A device on the fallback, admitted by its own hand. */
function guestOf(relay: RelayUnderTest, key: HostKey, url: string, fetchLike: FetchLike) {
  const seen = { texts: [] as string[], cargo: [] as string[], closed: [] as unknown[] };
  const device = new DeviceKey();
  const socket: OpenSocket = pollSocket(fetchLike, url, {
    opened: () => {},
    text: (text) => {
      const message = relayMessageSchema.parse(JSON.parse(text));
      seen.texts.push(message.type);
      if (message.type === 'challenge')
        socket.send(
          JSON.stringify(
            device.admission(message.nonce, relay.authority, key.channel, key.grant(device)),
          ),
        );
    },
    cargo: (bytes) => seen.cargo.push(Buffer.from(bytes).toString()),
    closed: (code, reason) => seen.closed.push([code, reason]),
  });
  stops.push(() => socket.close());
  return { socket, seen };
}

test('carries text and cargo both ways, in order', async () => {
  const { socket, seen, host } = await setUp();
  await eventually(() => (seen.texts.includes('admitted') ? true : null));
  for (let i = 0; i < 200; i += 1) socket.send(new TextEncoder().encode(`up ${i}`));
  const up: string[] = [];
  let slot = 0;
  while (up.length < 200) {
    const frame = await host.cargoWithSlot();
    ({ slot } = frame);
    up.push(frame.cargo.toString());
  }
  expect(up).toEqual(Array.from({ length: 200 }, (_, i) => `up ${i}`));
  for (let i = 0; i < 50; i += 1) host.sendTo(slot, Buffer.from(`down ${i}`));
  await eventually(() => (seen.cargo.length === 50 ? true : null));
  expect(seen.cargo).toEqual(Array.from({ length: 50 }, (_, i) => `down ${i}`));
  await eventually(() => (socket.bufferedBytes === 0 ? true : null));
});

test('goes on with the next frame when its stream is cut, and does nothing twice', async () => {
  let cut: () => void = () => {};
  let lostAnswers = 0;
  const rough: FetchLike = async (url, init) => {
    const limit = new AbortController();
    init.signal?.addEventListener('abort', () => limit.abort());
    const answer = await fetch(url, { ...init, signal: limit.signal });
    if (url.endsWith('/down')) cut = () => limit.abort();
    // The relay has done it, and its answer is lost on the way.
    if (url.endsWith('/up') && (lostAnswers += 1) % 3 === 1) throw new TypeError('fetch failed');
    return answer;
  };
  const { socket, seen, host } = await setUp(rough);
  await eventually(() => (seen.texts.includes('admitted') ? true : null));
  const up: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    socket.send(new TextEncoder().encode(`up ${round}`));
    const { slot, cargo } = await host.cargoWithSlot();
    up.push(cargo.toString());
    cut();
    host.sendTo(slot, Buffer.from(`down ${round}`));
    await eventually(() => (seen.cargo.length === round + 1 ? true : null));
  }
  expect([up, host.untaken.cargo, seen.cargo, seen.closed]).toEqual([
    ['up 0', 'up 1', 'up 2', 'up 3'],
    [],
    ['down 0', 'down 1', 'down 2', 'down 3'],
    [],
  ]);
});

test('tells with which code the relay has closed it', async () => {
  const { seen, host } = await setUp();
  await eventually(() => (seen.texts.includes('admitted') ? true : null));
  const opened = await host.text();
  if (opened.type !== 'opened') throw new Error(opened.type);
  host.say({ type: 'close', slot: opened.slot, reason: 'Bye.' });
  await eventually(() => (seen.closed.length > 0 ? true : null));
  expect(seen.closed).toEqual([[4410, 'Bye.']]);
});

test('is over when there is no relay', async () => {
  const seen: unknown[] = [];
  pollSocket(fetch, 'http://127.0.0.1:1', {
    opened: () => {},
    text: () => {},
    cargo: () => {},
    closed: (code) => seen.push(code),
  });
  await eventually(() => (seen.length > 0 ? true : null));
  expect(seen).toEqual([1006]);
});

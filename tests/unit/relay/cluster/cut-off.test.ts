import { afterEach, expect, test } from 'vitest';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  type RelayClient,
} from '../../../support/relay-clients.ts';
import { RelayClock } from '../../../support/relay-clock.ts';
import { RelayNodes, type RelayNode } from '../../../support/relay-nodes.ts';

const MOVED = { code: 1012, reason: 'This node has lost the others.' };
const HERE = { type: 'host', here: true };
const GONE = { type: 'host', here: false };

let clock = new RelayClock();
let nodes = new RelayNodes(clock);
afterEach(async () => {
  await nodes.stop();
  clock = new RelayClock();
  nodes = new RelayNodes(clock);
});

async function readiness({ url }: RelayNode) {
  const answer = await fetch(`${url}/readyz`);
  return [answer.status, await answer.json()];
}

async function talk(device: RelayClient, host: RelayClient): Promise<void> {
  device.send(Buffer.from('?'));
  const { slot } = await host.cargoWithSlot();
  host.sendTo(slot, Buffer.from('!'));
  expect(String(await device.cargo())).toBe('!');
}

/** Second by second, so that who is asked whether it is there can answer. */
async function pass(seconds: number, ...there: RelayClient[]): Promise<void> {
  for (let n = 0; n < seconds; n += 1) {
    clock.pass(1_000);
    for (const client of there) await client.ponged();
  }
}

test('a node that has lost the others sends away who is alone there, once, and keeps who is together', async () => {
  const [a, b] = [await nodes.start(), await nodes.start()];
  const [pair, apart, alone] = [new HostKey(), new HostKey(), new HostKey()];
  const host = await connectHost(a, pair);
  const device = await connectDevice(a, pair, new DeviceKey());
  const withDeviceAtB = await connectHost(a, apart);
  await connectDevice(b, apart, new DeviceKey());
  const lonely = await connectHost(a, alone);
  const waiting = await connectDevice(a, new HostKey(), new DeviceKey());
  expect(await readiness(a)).toEqual([200, { ready: true, reasons: [] }]);
  a.bus.setUp(false);
  await pass(9, host);
  expect(await readiness(a)).toMatchObject([200, {}]);
  await pass(4, host);
  expect(await readiness(a)).toEqual([
    503,
    { ready: false, reasons: ['The other nodes cannot be reached.'] },
  ]);
  expect([await withDeviceAtB.closed, await lonely.closed, await waiting.closed]).toEqual([
    ...[MOVED, MOVED, MOVED],
  ]);
  await talk(device, host);
  // There was no better node to be found.
  const back = await connectHost(a, alone);
  await pass(30, back, host, device);
  expect([back.ws.readyState, host.ws.readyState]).toEqual([1, 1]);
  a.bus.setUp(true);
  expect(await readiness(a)).toEqual([200, { ready: true, reasons: [] }]);
  // The next time is another time.
  a.bus.setUp(false);
  await pass(13, host);
  expect(await back.closed).toEqual(MOVED);
  await talk(device, host);
});

test('a node that was away for a moment sends nobody away', async () => {
  const [a, b] = [await nodes.start(), await nodes.start()];
  const key = new HostKey();
  const host = await connectHost(a, key);
  const device = await connectDevice(b, key, new DeviceKey());
  for (let n = 0; n < 3; n += 1) {
    a.bus.setUp(false);
    await pass(2, host, device);
    device.send(Buffer.from([n]));
    a.bus.setUp(true);
    expect([...(await host.cargoWithSlot()).cargo]).toEqual([n]);
  }
  expect(device.untaken.texts).toEqual([]);
});

test('two halves of the bus that no node saw come apart find together when they are one again', async () => {
  const [a, b, c] = [await nodes.start(), await nodes.start(), await nodes.start()];
  const key = new HostKey();
  nodes.net.part([a.bus], [b.bus, c.bus]);
  const first = await connectHost(a, key, { dialledMs: 1 });
  const atA = await connectDevice(a, key, new DeviceKey());
  const second = await connectHost(c, key, { dialledMs: 2 });
  const atB = await connectDevice(b, key, new DeviceKey());
  await talk(atA, first);
  await talk(atB, second);
  nodes.net.heal();
  await pass(61, second, atB);
  expect((await first.closed).code).toBe(4409);
  expect([await atA.text(), await atA.text()]).toEqual([GONE, HERE]);
  await talk(atA, second);
  await talk(atB, second);
});

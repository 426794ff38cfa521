import { afterEach, expect, test } from 'vitest';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  type RelayClient,
} from '../../../support/relay-clients.ts';
import { RelayNodes, type RelayNode } from '../../../support/relay-nodes.ts';

const wait = { timeout: 5_000, interval: 5 };
const HERE = { type: 'host', here: true };
const GONE = { type: 'host', here: false };

let nodes = new RelayNodes();
afterEach(async () => {
  await nodes.stop();
  nodes = new RelayNodes();
});

async function three(): Promise<[RelayNode, RelayNode, RelayNode]> {
  return [await nodes.start(), await nodes.start(), await nodes.start()];
}

/** A frame from this device arrives at this host, and its answer back. */
async function talk(device: RelayClient, host: RelayClient): Promise<void> {
  device.send(Buffer.from('?'));
  const { slot, cargo } = await host.cargoWithSlot();
  expect(String(cargo)).toBe('?');
  host.sendTo(slot, Buffer.from('!'));
  expect(String(await device.cargo())).toBe('!');
}

test('a device hears at once that its host is nowhere, and then where it comes that it is there', async () => {
  const [a, b] = await three();
  const key = new HostKey();
  const beganMs = performance.now();
  const device = await connectDevice(b, key, new DeviceKey());
  expect(performance.now() - beganMs).toBeLessThan(400);
  expect(device.admitted).toEqual({ type: 'admitted', host: false });
  const host = await connectHost(a, key);
  expect(await device.text()).toEqual(HERE);
  await talk(device, host);
  const later = await connectDevice(b, key, new DeviceKey());
  expect(later.admitted).toEqual({ type: 'admitted', host: true });
});

test('a device that waits to hear of its host is let in as soon as that is there', async () => {
  const [a, b] = await three();
  // What is known of hosts that are away takes as long as it may.
  b.facts.read = async () => await new Promise(() => {});
  const key = new HostKey();
  const joining = connectDevice(b, key, new DeviceKey());
  await expect.poll(() => figure(b, 'seeks_total'), wait).toBe(1);
  const beganMs = performance.now();
  const host = await connectHost(a, key);
  const device = await joining;
  expect(performance.now() - beganMs).toBeLessThan(150);
  expect(device.admitted).toEqual({ type: 'admitted', host: true });
  await talk(device, host);
});

test('a host that moves takes its devices at all nodes along', async () => {
  const [a, b, c] = await three();
  const key = new HostKey();
  const first = await connectHost(a, key, { dialledMs: 10 });
  const devices = await Promise.all(
    [a, b, b, c].map(async (node) => await connectDevice(node, key, new DeviceKey())),
  );
  const second = await connectHost(c, key, { dialledMs: 11 });
  for (const device of devices) {
    expect([await device.text(), await device.text()]).toEqual([GONE, HERE]);
    await talk(device, second);
  }
  expect(await first.closed).toEqual({ code: 4409, reason: 'The host connected again.' });
  expect(first.untaken.cargo).toEqual([]);
});

test('where interest spreads slowly, all find each other a moment later', async () => {
  nodes.net.weather.interestMs = 100;
  const [a, b, c] = await three();
  const key = new HostKey();
  const [device, other, host] = await Promise.all([
    connectDevice(b, key, new DeviceKey()),
    connectDevice(c, key, new DeviceKey()),
    connectHost(a, key),
  ]);
  for (const one of [device, other])
    if (one.admitted?.type === 'admitted' && !one.admitted.host)
      expect(await one.text()).toEqual(HERE);
  await talk(device, host);
  await talk(other, host);
});

test.each([
  ['the one it dialled last came last', 1, 2, 'second'],
  ['the one it dialled first came last, since it took so long', 2, 1, 'first'],
])('of two nodes that were apart: %s', async (_, firstMs, secondMs, stays) => {
  const [a, b, c] = await three();
  const key = new HostKey();
  const atA = await connectDevice(a, key, new DeviceKey());
  a.bus.setUp(false);
  const first = await connectHost(a, key, { dialledMs: firstMs });
  expect(await atA.text()).toEqual(HERE);
  const second = await connectHost(c, key, { dialledMs: secondMs });
  const atB = await connectDevice(b, key, new DeviceKey());
  await talk(atA, first);
  await talk(atB, second);
  a.bus.setUp(true);
  const [winner, loser] = stays === 'first' ? [first, second] : [second, first];
  const [moved, stayed] = stays === 'first' ? [atB, atA] : [atA, atB];
  expect((await loser.closed).code).toBe(4409);
  expect([await moved.text(), await moved.text()]).toEqual([GONE, HERE]);
  await talk(moved, winner);
  await talk(stayed, winner);
  expect([stayed.untaken.texts, winner.ws.readyState]).toEqual([[], 1]);
});

test('where the clock of a node is hours off, still the host is where it dialled last', async () => {
  const [a, c] = [await nodes.start({ clockOffMs: 7_200_000 }), await nodes.start()];
  const key = new HostKey();
  const first = await connectHost(a, key, { dialledMs: 1_000 });
  const device = await connectDevice(c, key, new DeviceKey());
  // Its clock was set back in between, by hours; what it says of its dials grows all the same.
  const second = await connectHost(c, key, { dialledMs: 1_001 });
  expect((await first.closed).code).toBe(4409);
  expect([await device.text(), await device.text()]).toEqual([GONE, HERE]);
  await talk(device, second);
});

test('an older host, that does not say when it dialled, is where it was let in last', async () => {
  const [a, c] = [await nodes.start({ clockOffMs: 7_200_000 }), await nodes.start()];
  const key = new HostKey();
  const first = await connectHost(a, key);
  const device = await connectDevice(c, key, new DeviceKey());
  expect(device.admitted).toMatchObject({ host: true });
  const second = await connectHost(c, key);
  expect((await first.closed).code).toBe(4409);
  expect([await device.text(), await device.text()]).toEqual([GONE, HERE]);
  await talk(device, second);
});

test('a dial that arrives after a later one at another node is not let in', async () => {
  const [a, b] = await three();
  const key = new HostKey();
  const host = await connectHost(a, key, { dialledMs: 20 });
  const device = await connectDevice(b, key, new DeviceKey());
  await expect(connectHost(b, key, { dialledMs: 19 })).rejects.toThrow('closed the connection');
  await talk(device, host);
});

test('so at the same node: a dial that arrives after a later one does not take its place', async () => {
  const [a, b] = await three();
  const key = new HostKey();
  const host = await connectHost(a, key, { dialledMs: 20 });
  const device = await connectDevice(b, key, new DeviceKey());
  await expect(connectHost(a, key, { dialledMs: 19 })).rejects.toThrow('closed the connection');
  await talk(device, host);
  const later = await connectHost(a, key, { dialledMs: 21 });
  expect([await device.text(), await device.text()]).toEqual([GONE, HERE]);
  await talk(device, later);
});

test('the end of a node without a word is known by the new way of its host at once', async () => {
  const [a, b, c] = await three();
  const key = new HostKey();
  await connectHost(a, key, { dialledMs: 1 });
  const device = await connectDevice(b, key, new DeviceKey());
  // As kill -9 has it: nothing of that node is heard again.
  nodes.net.part([b.bus, c.bus]);
  const host = await connectHost(c, key, { dialledMs: 2 });
  expect([await device.text(), await device.text()]).toEqual([GONE, HERE]);
  await talk(device, host);
});

test('devices of a node that stops hear so at once, and find their host where it is next', async () => {
  const [a, b, c] = await three();
  const key = new HostKey();
  await connectHost(a, key, { dialledMs: 1 });
  const device = await connectDevice(b, key, new DeviceKey());
  await a.stop();
  expect(await device.text()).toEqual(GONE);
  const host = await connectHost(c, key, { dialledMs: 2 });
  expect(await device.text()).toEqual(HERE);
  await talk(device, host);
});

test('whoever joins while the host moves ends up with it', async () => {
  const [a, b, c] = await three();
  const key = new HostKey();
  await connectHost(a, key, { dialledMs: 1 });
  await connectDevice(b, key, new DeviceKey());
  const joining = Array.from({ length: 20 }, async (_, n) => {
    await new Promise((resolve) => setTimeout(resolve, n));
    return await connectDevice(n % 2 === 0 ? b : c, key, new DeviceKey());
  });
  const host = await connectHost(c, key, { dialledMs: 2 });
  const devices = await Promise.all(joining);
  // Each says its own number, again where the host that heard it was the one before.
  const heard = new Set<number>();
  const answer = (async () => {
    while (heard.size < devices.length) heard.add((await host.cargoWithSlot()).cargo.readUInt8());
  })();
  await expect
    .poll(() => {
      for (const [n, device] of devices.entries()) if (!heard.has(n)) device.send(Buffer.from([n]));
      return heard.size;
    }, wait)
    .toBe(devices.length);
  await answer;
});

test('the last device at a node leaves no way to the host behind', async () => {
  const [a, b] = await three();
  const key = new HostKey();
  const host = await connectHost(a, key);
  const device = await connectDevice(b, key, new DeviceKey());
  await talk(device, host);
  device.end();
  await expect.poll(() => [figure(a, 'branches'), figure(b, 'trunks')], wait).toEqual([0, 0]);
  host.end();
  await expect.poll(() => [a.relay.channels(), b.relay.channels()], wait).toEqual([0, 0]);
});

function figure({ relay }: RelayNode, name: string): number | undefined {
  const family = relay.cluster?.families().find((one) => one.name.endsWith(name));
  return family?.samples[0]?.[1];
}

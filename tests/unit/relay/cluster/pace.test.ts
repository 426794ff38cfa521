import { afterEach, expect, test } from 'vitest';
import { CLOSE_SLOW } from '../../../../src/protocol/relay.ts';
import { CONGESTED_BYTES } from '../../../../src/relay/cluster/peers.ts';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  type RelayClient,
} from '../../../support/relay-clients.ts';
import { RelayNodes } from '../../../support/relay-nodes.ts';

const wait = { timeout: 10_000, interval: 5 };
const FRAME = Buffer.alloc(64_000, 1);
const MIB = 1024 * 1024;

let nodes = new RelayNodes();
afterEach(async () => {
  await nodes.stop();
  nodes = new RelayNodes();
});

/** All of them have a slot at the host. */
async function opened(host: RelayClient, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) expect((await host.text()).type).toBe('opened');
}

test('a device at another node that reads nothing is cut off; the others, and the memory of both nodes, do not feel it', async () => {
  const [a, b] = [await nodes.start(), await nodes.start()];
  const key = new HostKey();
  const host = await connectHost(a, key);
  const slow = await connectDevice(b, key, new DeviceKey());
  const quick = await connectDevice(b, key, new DeviceKey());
  await opened(host, 2);
  slow.ws.pause();
  let mostUnacked = 0;
  for (let n = 0; n < 400; n += 1) {
    host.sendTo(1, FRAME);
    host.sendTo(2, Buffer.from([n % 256]));
    await quick.cargo();
    mostUnacked = Math.max(mostUnacked, a.peers.unackedBytes(b.peers.self));
  }
  // What the system's own buffers hold of a connection counts as taken.
  slow.ws.resume();
  expect((await slow.closed).code).toBe(CLOSE_SLOW);
  expect([mostUnacked < 2 * MIB, quick.untaken.texts]).toEqual([true, []]);
  expect(b.relay.metrics.slowCloses.device).toBe(1);
});

test('a host that reads slowly slows its devices at other nodes: nothing is lost, and no memory filled', async () => {
  const [a, b] = [await nodes.start(), await nodes.start()];
  const key = new HostKey();
  const host = await connectHost(a, key);
  const devices = await Promise.all(
    Array.from({ length: 4 }, async () => await connectDevice(b, key, new DeviceKey())),
  );
  await opened(host, devices.length);
  host.ws.pause();
  const count = 200;
  for (let n = 0; n < count; n += 1)
    for (const device of devices) {
      const frame = Buffer.from(FRAME);
      frame.writeUInt32BE(n);
      device.send(frame);
    }
  // All that can be taken has been: what is left waits at the devices.
  let before = -1;
  await expect
    .poll(async () => {
      const unsent = devices.reduce((sum, { ws }) => sum + ws.bufferedAmount, 0);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const isStill = unsent === before && unsent > 0;
      before = unsent;
      return isStill;
    }, wait)
    .toBe(true);
  const unacked = b.peers.unackedBytes(a.peers.self);
  expect([a.relay.unreadBytes() < MIB, unacked < MIB]).toEqual([true, true]);
  host.ws.resume();
  const next = new Map<number, number>();
  for (let n = 0; n < count * devices.length; n += 1) {
    const { slot, cargo } = await host.cargoWithSlot();
    expect(cargo.readUInt32BE()).toBe(next.get(slot) ?? 0);
    next.set(slot, (next.get(slot) ?? 0) + 1);
  }
  expect([...next.values()]).toEqual(devices.map(() => count));
}, 20_000);

test('while a node takes nothing, a host that floods its devices there is read no more', async () => {
  const [a, b] = [await nodes.start(), await nodes.start()];
  const key = new HostKey();
  const host = await connectHost(a, key);
  const devices = await Promise.all(
    Array.from({ length: 40 }, async () => await connectDevice(b, key, new DeviceKey())),
  );
  await opened(host, devices.length);
  b.bus.setStalled(true);
  const rounds = 14;
  for (let n = 0; n < rounds; n += 1)
    for (let slot = 1; slot <= devices.length; slot += 1) host.sendTo(slot, FRAME);
  await expect.poll(() => a.peers.unackedBytes(b.peers.self) > CONGESTED_BYTES, wait).toBe(true);
  // All that can be taken has been: what is left waits at the host.
  let before = -1;
  await expect
    .poll(() => {
      const unsent = host.ws.bufferedAmount;
      const isStill = unsent === before && unsent > 0;
      before = unsent;
      return isStill;
    }, wait)
    .toBe(true);
  expect(a.peers.unackedBytes(b.peers.self)).toBeLessThan(CONGESTED_BYTES + 4 * MIB);
  b.bus.setStalled(false);
  for (const device of devices) for (let n = 0; n < rounds; n += 1) await device.cargo();
}, 20_000);

test('what a host may carry counts at its node, also for devices elsewhere', async () => {
  const limits = { channelTraffic: { burst: 256_000, perSecond: 640_000 } };
  const [a, b] = [await nodes.start({ limits }), await nodes.start()];
  const key = new HostKey();
  const host = await connectHost(a, key);
  const device = await connectDevice(b, key, new DeviceKey());
  const beganMs = performance.now();
  for (let n = 0; n < 14; n += 1) device.send(FRAME);
  for (let n = 0; n < 14; n += 1) await host.cargoWithSlot();
  // 640 kB over the burst, at 640 kB a second.
  expect(performance.now() - beganMs).toBeGreaterThan(800);
  expect(a.relay.metrics.held).toBeGreaterThan(0);
});

test('devices of all nodes together are as many as a host may have', async () => {
  const [a, b, c] = [
    await nodes.start({ limits: { maxPerChannel: 2 } }),
    await nodes.start(),
    await nodes.start(),
  ];
  const key = new HostKey();
  const host = await connectHost(a, key);
  await connectDevice(a, key, new DeviceKey());
  await connectDevice(b, key, new DeviceKey());
  await opened(host, 2);
  const third = await connectDevice(c, key, new DeviceKey());
  expect(await third.closed).toEqual({
    code: 4429,
    reason: 'This host has too many connections.',
  });
});

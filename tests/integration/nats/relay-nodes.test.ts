import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { isWithoutNats, NatsUnderTest } from '../../support/nats-under-test.ts';
import {
  connectDevice,
  connectGuest,
  connectHost,
  DeviceKey,
  HostKey,
  id,
} from '../../support/relay-clients.ts';
import { relayProgram } from '../../support/relay-under-test.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function nodes<const Count extends number>(count: Count) {
  const nats = await NatsUnderTest.start({ size: 1 });
  stops.push(async () => await nats.stop());
  const flags = nats.urls.flatMap((url) => ['--nats', url]);
  const started = [];
  for (let n = 0; n < count; n += 1) {
    const node = await relayProgram([...flags, '--drain-seconds', '1']);
    stops.push(node.stop);
    started.push(node);
  }
  const isReady = async (url: string) => (await fetch(`${url}/readyz`)).status === 200;
  for (const { url } of started)
    await expect.poll(async () => await isReady(url), { timeout: 10_000 }).toBe(true);
  return { nats, started };
}

test.skipIf(isWithoutNats())(
  'two nodes over NATS are one relay: frames, guests, revoking, and the kill of the node of a host',
  async () => {
    const { started } = await nodes(2);
    const [a, b] = started;
    if (a === undefined || b === undefined) throw new Error('no nodes');
    const key = new HostKey();
    const [phone, other] = [new DeviceKey(), new DeviceKey()];
    const host = await connectHost(a, key, { dialledMs: 1 });
    const device = await connectDevice(b, key, phone);
    expect(device.admitted).toMatchObject({ type: 'admitted', host: true });
    expect(await host.text()).toMatchObject({ type: 'opened', slot: 1 });
    device.send(Buffer.from('up'));
    expect(await host.cargoWithSlot()).toEqual({ slot: 1, cargo: Buffer.from('up') });
    host.sendTo(1, Buffer.from('down'));
    expect(String(await device.cargo())).toBe('down');

    const rendezvous = id();
    host.say({ type: 'rendezvous', rendezvous, open: true, seconds: 60 });
    await host.ponged();
    const guest = await connectGuest(b, rendezvous);
    expect(await host.text()).toMatchObject({ type: 'opened', slot: 2, rendezvous });
    guest.end();
    expect(await host.text()).toEqual({ type: 'closed', slot: 2 });

    const cut = await connectDevice(b, key, other);
    expect(await host.text()).toMatchObject({ type: 'opened', slot: 3, device: other.id });
    host.say({ type: 'revoke', revoked: [other.id], epoch: 0 });
    expect(await cut.text()).toMatchObject({ type: 'refused', code: 'revoked' });
    expect((await cut.closed).code).toBe(4401);

    const killed = once(a.child, 'exit');
    a.child.kill('SIGKILL');
    await killed;
    const back = await connectHost(b, key, { dialledMs: 2, revoked: [other.id] });
    expect(await back.text()).toMatchObject({ type: 'opened', slot: 1, device: phone.id });
    expect([await device.text(), await device.text()]).toEqual([
      { type: 'host', here: false },
      { type: 'host', here: true },
    ]);
  },
  30_000,
);

test.skipIf(isWithoutNats())(
  'while NATS is away for a moment nobody is cut off, and what was said meanwhile arrives',
  async () => {
    const { nats, started } = await nodes(2);
    const [a, b] = started;
    if (a === undefined || b === undefined) throw new Error('no nodes');
    const key = new HostKey();
    const host = await connectHost(a, key);
    const device = await connectDevice(b, key, new DeviceKey());
    expect(await host.text()).toMatchObject({ type: 'opened', slot: 1 });
    const [server] = nats.servers;
    await server?.kill();
    for (let n = 0; n < 20; n += 1) {
      device.send(Buffer.from([n]));
      host.sendTo(1, Buffer.from([n]));
    }
    await server?.start();
    const [up, down] = [[], []] as [number[], number[]];
    while (up.length < 20) up.push((await host.cargoWithSlot()).cargo.readUInt8());
    while (down.length < 20) down.push((await device.cargo()).readUInt8());
    const all = Array.from({ length: 20 }, (_, n) => n);
    expect([up, down, device.untaken.texts]).toEqual([all, all, []]);
  },
  30_000,
);

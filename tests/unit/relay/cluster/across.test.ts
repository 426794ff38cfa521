import { afterEach, expect, test } from 'vitest';
import {
  connectDevice,
  connectGuest,
  connectHost,
  DeviceKey,
  HostKey,
  id,
} from '../../../support/relay-clients.ts';
import { RelayNodes } from '../../../support/relay-nodes.ts';

let nodes = new RelayNodes();
afterEach(async () => {
  await nodes.stop();
  nodes = new RelayNodes();
});

test('a frame goes from a device to its host at another node, and back', async () => {
  const [a, b] = [await nodes.start(), await nodes.start()];
  const key = new HostKey();
  const phone = new DeviceKey();
  const host = await connectHost(a, key);
  const device = await connectDevice(b, key, phone);
  expect(device.admitted).toEqual({ type: 'admitted', host: true });
  expect(await host.text()).toEqual({
    type: 'opened',
    slot: 1,
    device: phone.id,
    rendezvous: null,
  });
  for (const bytes of [0, 1, 125, 126, 200, 4_096, 8_192, 8_193, 65_531, 65_535]) {
    const cargo = Buffer.alloc(bytes, 7);
    device.send(cargo);
    const up = await host.cargoWithSlot();
    host.sendTo(1, cargo);
    const down = await device.cargo();
    expect([bytes, up.slot, up.cargo.equals(cargo), down.equals(cargo)]).toEqual([
      ...[bytes, 1, true, true],
    ]);
  }
  device.end();
  expect(await host.text()).toEqual({ type: 'closed', slot: 1 });
});

test('a guest at another node takes the offer, and nobody else while it is there', async () => {
  const [a, b, c] = [await nodes.start(), await nodes.start(), await nodes.start()];
  const host = await connectHost(a, new HostKey());
  const rendezvous = id();
  host.say({ type: 'rendezvous', rendezvous, open: true, seconds: 60 });
  await host.ponged();
  const guests = await Promise.allSettled([
    connectGuest(b, rendezvous),
    connectGuest(c, rendezvous),
    connectGuest(b, rendezvous),
  ]);
  const taken = guests.filter(({ status }) => status === 'fulfilled');
  expect(taken.length).toBe(1);
  expect(await host.text()).toEqual({ type: 'opened', slot: 1, device: null, rendezvous });
});

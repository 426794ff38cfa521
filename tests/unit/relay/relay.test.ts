import { afterEach, expect, test } from 'vitest';
import {
  connectDevice,
  connectGuest,
  connectHost,
  DeviceKey,
  HostKey,
  id,
  RelayClient,
} from '../../support/relay-clients.ts';
import { relayHere, type RelayUnderTest } from '../../support/relay-under-test.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function relay(options?: Parameters<typeof relayHere>[0]): Promise<RelayUnderTest> {
  const started = await relayHere(options);
  stops.push(started.stop);
  return started;
}

test('a frame goes from device to host with its slot, and back without it', async () => {
  const place = await relay();
  const key = new HostKey();
  const phone = new DeviceKey();
  const host = await connectHost(place, key);
  const device = await connectDevice(place, key, phone);
  expect(await host.text()).toEqual({
    type: 'opened',
    slot: 1,
    device: phone.id,
    rendezvous: null,
  });
  for (const bytes of [0, 1, 125, 126, 200, 4_096, 8_192, 8_193, 65_531, 65_532, 65_535]) {
    const cargo = Buffer.alloc(bytes, 7);
    device.send(cargo);
    const up = await host.cargoWithSlot();
    host.sendTo(1, cargo);
    const down = await device.cargo();
    // Compared by themselves: a comparison that explains itself takes a second for 64 KiB.
    expect([bytes, up.slot, up.cargo.equals(cargo), down.equals(cargo)]).toEqual([
      ...[bytes, 1, true, true],
    ]);
  }
});

test('a second proof of the same host replaces the first, and devices get new slots', async () => {
  const place = await relay();
  const key = new HostKey();
  const first = await connectHost(place, key);
  const device = await connectDevice(place, key, new DeviceKey());
  await first.text();
  const second = await connectHost(place, key);
  expect(await first.closed).toEqual({ code: 4409, reason: 'The host connected again.' });
  expect([await device.text(), await device.text()]).toEqual([
    { type: 'host', here: false },
    { type: 'host', here: true },
  ]);
  expect(await second.text()).toMatchObject({ type: 'opened', slot: 1 });
  device.send(Buffer.from('x'));
  expect(await second.cargoWithSlot()).toEqual({ slot: 1, cargo: Buffer.from('x') });
});

test('a guest comes to an open rendezvous only, one at a time', async () => {
  const place = await relay();
  const host = await connectHost(place, new HostKey());
  const rendezvous = id();
  await expect(connectGuest(place, rendezvous)).rejects.toThrow('noRendezvous');
  host.say({ type: 'rendezvous', rendezvous, open: true, seconds: 60 });
  await host.ponged();
  const guest = await connectGuest(place, rendezvous);
  expect(await host.text()).toEqual({ type: 'opened', slot: 1, device: null, rendezvous });
  await expect(connectGuest(place, rendezvous)).rejects.toThrow('noRendezvous');
  guest.end();
  expect(await host.text()).toEqual({ type: 'closed', slot: 1 });
  const again = await connectGuest(place, rendezvous);
  host.say({ type: 'rendezvous', rendezvous, open: false });
  await host.ponged();
  again.send(Buffer.from('still here'));
  expect(String((await host.cargoWithSlot()).cargo)).toBe('still here');
  again.end();
  await expect(connectGuest(place, rendezvous)).rejects.toThrow('noRendezvous');
});

test('an offer that is made again while its guest is there admits no second one', async () => {
  const place = await relay();
  const host = await connectHost(place, new HostKey());
  const other = await connectHost(place, new HostKey());
  const rendezvous = id();
  const offer = { type: 'rendezvous', rendezvous, open: true, seconds: 60 };
  host.say(offer);
  await host.ponged();
  const guest = await connectGuest(place, rendezvous);
  host.say(offer);
  await host.ponged();
  await expect(connectGuest(place, rendezvous)).rejects.toThrow('noRendezvous');
  guest.end();
  await expect.poll(() => host.untaken.texts.length, { timeout: 5_000 }).toBe(1);
  // Whoever else offers the same id does not get its guests.
  other.say(offer);
  await other.ponged();
  await connectGuest(place, rendezvous);
  await host.ponged();
  expect(other.untaken.texts).toEqual([]);
});

test('a revoked device is cut at once and cannot come back', async () => {
  const place = await relay();
  const key = new HostKey();
  const phone = new DeviceKey();
  const host = await connectHost(place, key);
  const device = await connectDevice(place, key, phone);
  host.say({ type: 'revoke', revoked: [phone.id], epoch: 0 });
  expect(await device.text()).toMatchObject({ type: 'refused', code: 'revoked' });
  expect((await device.closed).code).toBe(4401);
  await expect(connectDevice(place, key, phone)).rejects.toThrow('revoked');
  host.end();
  await host.closed;
  await expect(connectDevice(place, key, phone)).rejects.toThrow('revoked');
});

test('a stop closes everybody with 1001', async () => {
  const place = await relay();
  const key = new HostKey();
  const host = await connectHost(place, key);
  const silent = new RelayClient(place.socketUrl);
  await silent.nonce();
  await place.stop();
  expect([await host.closed, await silent.closed].map(({ code }) => code)).toEqual([1001, 1001]);
});

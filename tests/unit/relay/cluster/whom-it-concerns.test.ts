import { afterEach, expect, test } from 'vitest';
import { channelIdSchema, rendezvousIdSchema } from '../../../../src/protocol/relay.ts';
import { newNodeId } from '../../../../src/relay/cluster/node-id.ts';
import { Subjects } from '../../../../src/relay/cluster/subjects.ts';
import { RelayClock } from '../../../support/relay-clock.ts';
import {
  connectDevice,
  connectGuest,
  connectHost,
  DeviceKey,
  HostKey,
  id,
} from '../../../support/relay-clients.ts';
import { PollClient } from '../../../support/poll-client.ts';
import { RelayNodes, type RelayNode } from '../../../support/relay-nodes.ts';

const SINCE = '2026-11-21T14:02:00.000Z';
const HERE = { type: 'host', here: true };
const wait = { timeout: 6_000, interval: 10 };

let clock = new RelayClock();
let nodes = new RelayNodes(clock);
afterEach(async () => {
  await nodes.stop();
  clock = new RelayClock();
  nodes = new RelayNodes(clock);
});

async function three(): Promise<[RelayNode, RelayNode, RelayNode]> {
  return [await nodes.start(), await nodes.start(), await nodes.start()];
}

const keptOf = (key: HostKey) => nodes.facts.kept.get(channelIdSchema.parse(key.channel));

test('a device that is revoked is cut at once wherever it is, and let in at no node', async () => {
  const [a, b, c] = await three();
  const key = new HostKey();
  const [phone, other] = [new DeviceKey(), new DeviceKey()];
  const host = await connectHost(a, key);
  const device = await connectDevice(b, key, phone);
  const stays = await connectDevice(b, key, other);
  host.say({ type: 'revoke', revoked: [phone.id], epoch: 0 });
  expect(await device.text()).toMatchObject({ type: 'refused', code: 'revoked' });
  expect((await device.closed).code).toBe(4401);
  // There is a way from there already, and whom it concerns was said to it.
  await expect(connectDevice(b, key, phone)).rejects.toThrow('revoked');
  // From here there is none yet: the host's node says so.
  const stranger = await connectDevice(c, key, phone);
  expect(await stranger.text()).toMatchObject({ type: 'refused', code: 'revoked' });
  expect((await stranger.closed).code).toBe(4401);
  expect([stays.untaken.texts, stays.ws.readyState]).toEqual([[], 1]);
});

test('while the host is nowhere, a node that never heard of it knows whom it has revoked, and that it sleeps', async () => {
  const [a, b, c] = await three();
  const key = new HostKey();
  const phone = new DeviceKey();
  const host = await connectHost(a, key, { revoked: [phone.id], epoch: 2 });
  const device = await connectDevice(b, key, new DeviceKey(), 2);
  host.say({ type: 'sleeping', since: SINCE });
  await host.ponged();
  host.end();
  expect(await device.text()).toEqual({ type: 'host', here: false, asleepSince: SINCE });
  const late = await connectDevice(c, key, new DeviceKey(), 2);
  expect(late.admitted).toEqual({ type: 'admitted', host: false, asleepSince: SINCE });
  await expect(connectDevice(c, key, phone, 2)).rejects.toThrow('revoked');
  await expect(connectDevice(c, key, new DeviceKey(), 1)).rejects.toThrow('revoked');
});

test('a host that is back is not remembered as asleep, at whichever node it is', async () => {
  const [a, b, c] = await three();
  const key = new HostKey();
  const host = await connectHost(a, key);
  host.say({ type: 'sleeping', since: SINCE });
  await host.ponged();
  host.end();
  await expect.poll(() => keptOf(key)?.asleepSince, wait).toBe(SINCE);
  await expect.poll(() => a.relay.metrics.connected.host, wait).toBe(0);
  const back = await connectHost(b, key);
  clock.pass(5_500);
  await expect.poll(() => keptOf(key), wait).toBe(undefined);
  back.end();
  await expect.poll(() => b.relay.metrics.connected.host, wait).toBe(0);
  for (const node of [a, c]) {
    const device = await connectDevice(node, key, new DeviceKey());
    expect(device.admitted).toEqual({ type: 'admitted', host: false });
    device.end();
  }
});

test('a node that could not write for a while takes back no revocation that the host has said at another since', async () => {
  const [a, b] = await three();
  const key = new HostKey();
  const [lost, phone] = [new DeviceKey(), new DeviceKey()];
  a.facts.isAway = true;
  await connectHost(a, key, { revoked: [lost.id], dialledMs: 10 });
  const host = await connectHost(b, key, { revoked: [lost.id], dialledMs: 11 });
  host.say({ type: 'revoke', revoked: [phone.id], epoch: 0 });
  await host.ponged();
  a.facts.isAway = false;
  await a.facts.close();
  expect(keptOf(key)?.revoked).toEqual([lost.id, phone.id]);
});

test('what is revoked soon after the host came stays known, though it had revoked nobody when it came', async () => {
  const [a, b] = await three();
  const key = new HostKey();
  const phone = new DeviceKey();
  const host = await connectHost(a, key);
  host.say({ type: 'revoke', revoked: [phone.id], epoch: 0 });
  await host.ponged();
  // By then what was not needed any more would have been forgotten.
  clock.pass(5_500);
  await host.ponged();
  host.end();
  await expect.poll(() => a.relay.metrics.connected.host, wait).toBe(0);
  await expect(connectDevice(b, key, phone)).rejects.toThrow('revoked');
});

test('while what is remembered cannot be read, a device is let in as late as without it', async () => {
  const [, b] = await three();
  b.facts.isAway = true;
  const beganMs = performance.now();
  const device = await connectDevice(b, new HostKey(), new DeviceKey());
  expect(device.admitted).toEqual({ type: 'admitted', host: false });
  expect(performance.now() - beganMs).toBeLessThan(500);
});

test('an offer is there again once its guest at another node has left, and over when its host moves', async () => {
  const [a, b, c] = await three();
  const key = new HostKey();
  const rendezvous = id();
  const host = await connectHost(a, key, { dialledMs: 1 });
  host.say({ type: 'rendezvous', rendezvous, open: true, seconds: 60 });
  await host.ponged();
  const guest = await connectGuest(b, rendezvous);
  expect(await host.text()).toMatchObject({ type: 'opened', slot: 1, rendezvous });
  guest.send(Buffer.from('hello'));
  expect(String((await host.cargoWithSlot()).cargo)).toBe('hello');
  await expect(connectGuest(c, rendezvous)).rejects.toThrow('noRendezvous');
  guest.end();
  expect(await host.text()).toEqual({ type: 'closed', slot: 1 });
  const again = await connectGuest(c, rendezvous);
  expect(await host.text()).toMatchObject({ type: 'opened', slot: 2, rendezvous });
  await connectHost(b, key, { dialledMs: 2 });
  expect(await again.closed).toEqual({ code: 4410, reason: 'The host is gone.' });
  // It is looked for twice, some time apart.
  let isOver = false;
  const refused = expect(connectGuest(c, rendezvous)).rejects.toThrow('noRendezvous');
  void refused.finally(() => (isOver = true));
  await expect.poll(() => (clock.pass(100), isOver), wait).toBe(true);
  await refused;
});

test('an offer that was given to a node whose guest never came is there again after a while', async () => {
  const [a, b] = await three();
  const rendezvous = id();
  const host = await connectHost(a, new HostKey());
  host.say({ type: 'rendezvous', rendezvous, open: true, seconds: 60 });
  await host.ponged();
  const subject = new Subjects('test').offer(rendezvousIdSchema.parse(rendezvous));
  const question = Buffer.from(JSON.stringify({ v: 1, node: newNodeId() }));
  const answer = await nodes.net.join().ask(subject, question, 1_000);
  expect(JSON.parse(String(answer))).toMatchObject({ node: a.peers.self });
  await expect(connectGuest(b, rendezvous)).rejects.toThrow('noRendezvous');
  clock.pass(5_000);
  const guest = await connectGuest(b, rendezvous);
  expect(guest.admitted).toMatchObject({ host: true });
});

test('over POST and event stream too a device is with its host at another node', async () => {
  const [a, b] = await three();
  const key = new HostKey();
  const phone = new DeviceKey();
  const host = await connectHost(a, key);
  const poll = await PollClient.open(b.url);
  await poll.listen();
  const challenge = await poll.text();
  if (challenge.type !== 'challenge') throw new Error('no challenge');
  await poll.say(phone.admission(challenge.nonce, b.authority, key.channel, key.grant(phone)));
  expect(await poll.text()).toMatchObject({ type: 'admitted', host: true });
  await poll.send(Buffer.from('up'));
  expect(await host.cargoWithSlot()).toEqual({ slot: 1, cargo: Buffer.from('up') });
  host.sendTo(1, Buffer.from('down'));
  expect(String(await poll.cargo())).toBe('down');
  const next = await connectHost(b, key);
  expect([await poll.text(), await poll.text()]).toEqual([{ type: 'host', here: false }, HERE]);
  await poll.send(Buffer.from('again'));
  expect(String((await next.cargoWithSlot()).cargo)).toBe('again');
});

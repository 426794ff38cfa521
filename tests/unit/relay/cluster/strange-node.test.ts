import { randomBytes } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { channelIdSchema } from '../../../../src/protocol/relay.ts';
import { newNodeId } from '../../../../src/relay/cluster/node-id.ts';
import { PeerLinks } from '../../../../src/relay/cluster/peer-links.ts';
import { Subjects } from '../../../../src/relay/cluster/subjects.ts';
import {
  connectDevice,
  connectHost,
  DeviceKey,
  HostKey,
  id,
} from '../../../support/relay-clients.ts';
import { RelayNodes } from '../../../support/relay-nodes.ts';

const wait = { timeout: 5_000, interval: 5 };
const subjects = new Subjects('test');

let nodes = new RelayNodes();
afterEach(async () => {
  await nodes.stop();
  nodes = new RelayNodes();
});

/** A host at one node, a device of it at another, and somebody on their bus. */
async function threeSides() {
  const [a, b] = [await nodes.start(), await nodes.start()];
  const key = new HostKey();
  const host = await connectHost(a, key, { dialledMs: 5 });
  const device = await connectDevice(b, key, new DeviceKey());
  await expect.poll(() => host.untaken.texts.length, wait).toBe(1);
  const bus = nodes.net.join();
  const stranger = new PeerLinks({ self: newNodeId(), bus, subjects });
  const heard: string[] = [];
  stranger.listener = {
    onMessage: (_, message) => void heard.push(message.toString('latin1')),
    onLost: () => {},
  };
  return { a, b, key, host, device, bus, stranger, heard };
}

const word = (kind: number, json: unknown): Buffer =>
  Buffer.from(`${String.fromCharCode(kind)}${JSON.stringify(json)}`);

test('what is not of the protocol between nodes changes nothing', async () => {
  const { a, b, key, host, device, bus, stranger } = await threeSides();
  const words = [
    {},
    null,
    { type: 'attach' },
    { type: 'attach', trunk: -1, channel: key.channel, dialledMs: 5 },
    { type: 'detach', trunk: 1 },
    { type: 'device', trunk: 1, number: 1, device: id(), epoch: 0, isNew: true },
    { type: 'guest', trunk: 1, number: 2 },
    { type: 'left', number: 1 },
    { type: 'left', number: 2 },
    { type: 'revoked', trunk: 1, revoked: [], epoch: 9 },
    { type: 'detached', trunk: 1, asleepSince: null },
    { type: 'close', number: 2, code: 4401, reason: 'x' },
    { type: 'close', number: 2, code: 5, reason: 'x'.repeat(500) },
  ];
  for (const { self } of [a.peers, b.peers]) {
    for (let kind = 0; kind < 8; kind += 1) {
      stranger.send(self, Buffer.from([kind]));
      for (let length = 0; length < 20; length += 1)
        stranger.send(self, Buffer.concat([Buffer.from([kind]), randomBytes(length)]));
      for (const one of words) stranger.send(self, word(kind, one));
      for (let number = 0; number < 5; number += 1)
        stranger.send(self, Buffer.from([kind, 0, 0, 0, number, 255, 255, 255, 255]));
    }
    stranger.send(self, Buffer.alloc(0));
  }
  for (const subject of [subjects.host, subjects.seek].map((of) =>
    of.call(subjects, channelIdSchema.parse(key.channel)),
  ))
    for (const text of ['', '{', '{"v":1}', '{"v":2,"node":"x","dialledMs":9}', '[]'])
      bus.publish(subject, Buffer.from(text));
  await expect.poll(() => stranger.allUnackedBytes, wait).toBe(0);
  device.send(Buffer.from('?'));
  expect(await host.cargoWithSlot()).toEqual({ slot: 1, cargo: Buffer.from('?') });
  host.sendTo(1, Buffer.from('!'));
  expect(String(await device.cargo())).toBe('!');
  expect([host.untaken.texts.length, device.untaken]).toEqual([1, { texts: [], cargo: [] }]);
});

test('a way to a host that is not there, or has dialled since, is refused; and a number twice ends what had it before', async () => {
  const { a, key, host, stranger, heard } = await threeSides();
  const to = a.peers.self;
  const attach = { type: 'attach', channel: key.channel };
  stranger.send(to, word(4, { ...attach, trunk: 1, dialledMs: 4 }));
  stranger.send(to, word(4, { ...attach, trunk: 2, channel: id(), dialledMs: 5 }));
  stranger.send(to, word(4, { ...attach, trunk: 3, dialledMs: 5 }));
  const device = { type: 'device', epoch: 0, isNew: true };
  stranger.send(to, word(4, { ...device, trunk: 3, number: 7, device: id() }));
  stranger.send(to, word(4, { ...device, trunk: 3, number: 7, device: id() }));
  stranger.send(to, word(4, { ...attach, trunk: 3, dialledMs: 5 }));
  await expect.poll(() => host.untaken.texts.length, wait).toBe(5);
  expect(
    host.untaken.texts.slice(1).map((text) => [text.type, 'slot' in text && text.slot]),
  ).toEqual([
    ...[
      ['opened', 2],
      ['closed', 2],
      ['opened', 3],
      ['closed', 3],
    ],
  ]);
  expect(heard.map((text) => text.slice(1))).toEqual([
    '{"type":"detached","trunk":1,"asleepSince":null}',
    '{"type":"detached","trunk":2,"asleepSince":null}',
    ...['revoked', 'revoked'].map((type) => expect.stringContaining(`"type":"${type}"`)),
  ]);
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeOffer } from '../../src/protocol/offer.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { DeviceId } from '../../src/protocol/relay.ts';
import { ClusterUnderTest } from '../support/cluster-under-test.ts';
import { HeadlessDevice } from '../support/headless-device.ts';
import { isWithoutNats } from '../support/nats-under-test.ts';
import { OperatorView } from '../support/operator-view.ts';
import { PushService } from '../support/push-service.ts';
import { dist, eventually, HostUnderTest, newCommandId, text } from './support/host-under-test.ts';
import { killHard } from './support/processes.ts';

// A day of a person with the built host, two built nodes and a NATS, while everything that the nodes
// say to each other, store, log and serve is written down; and then looked through for what an
// operator may not see.

const SECRETS = {
  'the name of the machine': 'turing-under-the-stairs',
  'the name of a phone': 'Pixel of Ada Lovelace',
  'the name of another': 'Tablet of Charles',
  'whose it is': 'Countess Augusta',
  'a prompt': 'SCRIPT:stream n=40 rate=400 engine of the difference',
  'a prompt that waited': 'SCRIPT:stream n=3 rate=400 weave algebraical patterns',
  'a reason': 'because the loom is on fire',
} as const;

/** What may stand in words in what nodes say and store, beside random ids, numbers, times and sealed bytes. */
const WORDS: readonly string[] = [];

const SOURCE = join(import.meta.dirname, '..', '..', 'src', 'relay');

let cluster: ClusterUnderTest;
let push: PushService;
let host: HostUnderTest;
let spy: NatsConnection;
const said: { readonly subject: string; readonly data: Uint8Array }[] = [];
const devices: HeadlessDevice[] = [];

beforeEach(async () => {
  push = await PushService.start();
  cluster = await ClusterUnderTest.start({
    ...(process.env.H8_LONE ? { nodes: 1, nats: 0 as const } : { nodes: 2, nats: 1 as const }),
    args: [
      ...(process.env.H8_LONE ? ['--notes', '/tmp/h8/notes'] : []),
      '--allow-push',
      push.host,
      ...['--notes-grace', '1', '--notes-min', '1', '--notes-max', '2'],
    ],
  });
  if (process.env.H8_LONE)
    spy = { close: async () => {}, subscribe: () => {}, flush: async () => {} } as never;
  else spy = await connect({ servers: cluster.nats.urls });
  spy.subscribe('>', {
    callback: (_error, { subject, data }) => void said.push({ subject, data: data.slice() }),
  });
  await spy.flush();
  host = new HostUnderTest({
    agents: {
      demo: { command: process.execPath, args: [join(dist, 'demo-agent', 'main.js')] },
    },
    relay: { url: cluster.url },
    devices: { hostName: SECRETS['the name of the machine'] },
    notify: { allowHosts: [push.host] },
  });
}, 60_000);
afterEach(async () => {
  for (const device of devices.splice(0)) device.stop();
  await host.stop();
  await spy.close();
  await cluster.stop();
  await push.close();
}, 60_000);

test.skipIf(isWithoutNats())(
  'an operator sees sealed bytes, random ids, sizes and times, and nothing else',
  async () => {
    const offers: Uint8Array[] = [];
    await host.connect();
    const { device: phone } = await paired(SECRETS['the name of a phone'], offers);
    const tablet = await paired(SECRETS['the name of another'], offers);
    const metrics = [...(await served())];

    const sessionId = await host.start('demo', SECRETS['a prompt']);
    phone.follow(sessionId);
    tablet.device.follow(sessionId);
    await host.turnEnded(sessionId);
    await phone.caughtUp(sessionId, (await host.state(sessionId)).lastSeq);
    await decided(phone, sessionId);

    const { key } = await phone.call('push.key', {});
    const subscription = push.subscribe(key);
    await phone.call('push.subscribe', { subscription, actions: true, silent: true });
    await eventually(async () => {
      const { notify } = await host.client.call('notify.state', {});
      return notify.note.state === 'left' ? true : null;
    });

    await host.client.call('devices.revoke', { device: tablet.id });
    await host.client.call('power.machine', { event: 'suspend' });
    await host.client.call('power.machine', { event: 'resume' });
    await phone.up();

    await killAll();
    await phone.outbox.send('session.send', {
      ...{ sessionId, commandId: newCommandId() },
      prompt: text(SECRETS['a prompt that waited']),
    });
    await push.until(() => push.takenBy(subscription).some(({ type }) => type === 'silence'));
    const view = viewOf(offers, subscription.keys);
    // While it is there: what was taken is gone from a store.
    view.folder('stored', process.env.H8_LONE ? '/tmp/h8/notes' : cluster.nats.server.storeFolder);
    metrics.push(...(await served()));
    await host.connect();
    await phone.up();
    await cluster.nodes[0]?.drain();
    if (process.env.H8_LONE) await cluster.nodes[0]?.start();
    await phone.up();
    metrics.push(...(await served()));

    for (const { subject, data } of said) {
      view.bytes('published', 'a subject', Buffer.from(subject));
      view.bytes('published', subject, data);
    }
    view.folder('stored', process.env.H8_LONE ? '/tmp/h8/notes' : cluster.nats.server.storeFolder);
    for (const node of cluster.nodes) view.log('logged', node.log, sources());
    for (const page of metrics) view.metrics('served', page);
    expect(view.findings).toEqual([]);
    // All of it was there to be looked at.
    for (const kind of ['published', 'stored', 'logged', 'served'])
      expect([kind, view.seenBytes.get(kind) ?? 0]).toEqual([kind, expect.any(Number)]);
  },
  120_000,
);

/** Pairs as a person does, with the code that the host shows. */
async function paired(
  name: string,
  offers: Uint8Array[],
): Promise<{ device: HeadlessDevice; id: DeviceId }> {
  const { state } = await host.client.call('pair.offer', {});
  if (state.phase !== 'offered') throw new Error(`no offer: ${state.phase}`);
  const { secret, rendezvous } = decodeOffer(state.url);
  offers.push(secret, Buffer.from(rendezvous, 'base64url'));
  const guest = HeadlessDevice.pair(state.url, { name });
  const { digits } = await guest.met;
  const confirmed = await eventually(
    async () =>
      await host.client
        .call('pair.confirm', { digits, role: 'operator', person: SECRETS['whose it is'] })
        .catch(() => null),
  );
  const device = await guest.device;
  devices.push(device);
  await device.start();
  await device.up();
  return { device, id: confirmed.device.id };
}

/** The phone allows what an agent asks, and says why. */
async function decided(phone: HeadlessDevice, sessionId: SessionId): Promise<void> {
  await host.send(sessionId, 'SCRIPT:approve n=1');
  const approval = await host.approval(sessionId);
  // Its answer waits for the agent; the next question says that it has come.
  const answered = phone.decide(approval, {
    approvalId: approval.id,
    hash: approval.hash,
    choice: { allow: false },
    reason: SECRETS['a reason'],
  });
  // The reason goes to the agent as a prompt, and that makes it ask for something else.
  await host.until(sessionId, ({ approvals }) => approvals.some(({ id }) => id !== approval.id));
  answered.catch(() => {});
}

/** No more of a host, and the relay is told nothing of it. */
async function killAll(): Promise<void> {
  const { pid, keeperPid } = await host.client.call('host.status', {});
  killHard(keeperPid);
  killHard(pid);
}

const served = async (): Promise<string[]> =>
  await Promise.all(
    cluster.nodes
      .filter(({ isRunning }) => isRunning)
      .map(async ({ url }) => await (await fetch(`${url}/metrics`)).text()),
  );

/** Logged words are constants of the relay's source. */
const sources = (): string =>
  readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(SOURCE, name), 'utf8'))
    .join('\n');

/** Looks for all that host and devices keep to themselves. */
function viewOf(offers: readonly Uint8Array[], ofPush: { p256dh: string; auth: string }) {
  const bytesOf = (value: string) => Buffer.from(value, 'base64url');
  const read = (name: string) =>
    z.json().parse(JSON.parse(readFileSync(join(host.home.root, name), 'utf8')));
  const keys = keysSchema.parse(read('keys.json'));
  const { devices: records } = booksSchema.parse(read('devices.json'));
  const secrets: Record<string, string | Uint8Array> = {
    ...SECRETS,
    'a folder': host.workspace,
    'a push key': bytesOf(ofPush.auth),
    'a sealing key of the host': bytesOf(keys.sealing),
    'a relay key of the host': bytesOf(keys.relay),
  };
  offers.forEach((offer, n) => (secrets[`an offer, ${n + 1}`] = offer));
  for (const { rootPsk } of records) secrets['a key of a device'] = bytesOf(rootPsk);
  return new OperatorView(secrets, WORDS);
}

const keysSchema = z.object({ sealing: z.string(), relay: z.string() });
const booksSchema = z.object({ devices: z.array(z.object({ rootPsk: z.string() })) });

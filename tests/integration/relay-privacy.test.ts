import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { decodeOffer } from '../../src/protocol/offer.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { DeviceId } from '../../src/protocol/relay.ts';
import { ClusterUnderTest } from '../support/cluster-under-test.ts';
import { HeadlessDevice } from '../support/headless-device.ts';
import { isWithoutNats } from '../support/nats-under-test.ts';
import { OperatorView, wordsIn } from '../support/operator-view.ts';
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
const WORDS: readonly string[] = [
  // The prefix of all subjects.
  'porchlight',
  // Between nodes: a host left its node.
  'detached',
  // A note of silence: where its push goes, and the signature that lets it through.
  ...['endpoint', 'authorization'],
];

/** Logged beside constants: versions, signals, this NATS and its streams, a push service's name. */
const OF_THE_OPERATOR = [
  /^\d+\.\d+\.\d+$/u,
  /^SIG[A-Z]+$/u,
  /^(?:KV_)?porchlight-[a-z]+$/u,
  /^NATS at nats:\/\/127\.0\.0\.1:\d+: it is NATS 2\.9\.10, which can lose mail [^/@]+$/u,
  /^127\.0\.0\.1:\d+$/u,
];

/** Of subjects: what is no constant is a random id or a hash, or a number. */
const SHAPES = [
  /^porchlight\.(?:(?:node|hop)\.[\w-]{16}|(?:seek|host|offer)\.[\w-]{22}|notes)$/u,
  /^porchlight\.mail\.[\w-]{22}\.[\w-]{22}\.[\w-]{22}\.\d+$/u,
  /^\$KV\.porchlight-(?:facts|lease|notes)\.(?:[a-z]+\.)?[\w-]{4,22}(?:\.[\w-]{22})?$/u,
  // NATS's own: streams by name, random names of consumers and of where an answer goes.
  /^(?:_INBOX_porchlight|\$JS\.ACK)\.[\w.-]+$/u,
  /^\$JS\.(?:API|EVENT\.ADVISORY)(?:\.[A-Z]+)*(?:\.(?:KV_)?porchlight-[a-z]+(?:\.\w{24,})?)?$/u,
  /^\$JS\.API\.DIRECT\.GET\.KV_porchlight-facts\.\$KV\.porchlight-facts\.[\w-]{22}$/u,
];

/** Of what the day has in it: frames between nodes, hosts that come and are looked for, offers, mail, facts, notes. */
const SUBJECTS = [
  ...['porchlight.node', 'porchlight.host', 'porchlight.seek', 'porchlight.offer'],
  ...['porchlight.mail', '$KV.porchlight-facts', '$KV.porchlight-notes'],
];

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCE = join(ROOT, 'src', 'relay');
const NATS_TYPES = join(ROOT, 'node_modules', '@nats-io');

let cluster: ClusterUnderTest;
let push: PushService;
let host: HostUnderTest;
let spy: NatsConnection;
const said: { readonly subject: string; readonly data: Uint8Array }[] = [];
const devices: HeadlessDevice[] = [];

describe.skipIf(isWithoutNats())('a day with a cluster', () => {
  beforeEach(async () => {
    push = await PushService.start();
    cluster = await ClusterUnderTest.start({
      ...{ nodes: 2, nats: 1 },
      args: [
        ...['--drain-seconds', '1', '--allow-push', push.host],
        ...['--notes-grace', '1', '--notes-min', '1', '--notes-max', '2'],
      ],
    });
    said.length = 0;
    spy = await connect({ servers: cluster.nats.urls });
    spy.subscribe('>', {
      callback: (_error, { subject, data, headers }) => {
        const names = [...(headers ?? [])].map(([name, values]) => `${name}: ${values.join()}`);
        said.push({ subject, data: Buffer.concat([Buffer.from(names.join('\n')), data]) });
      },
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

  test('an operator sees sealed bytes, random ids, sizes and times, and nothing else', async () => {
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

    await host.client.call('devices.revoke', { device: tablet.id });
    await host.client.call('power.machine', { event: 'suspend' });
    await host.client.call('power.machine', { event: 'resume' });
    await phone.up();

    // What the phone heard of the sleep may be late, and cut off what is asked meanwhile.
    const { key } = await eventually(
      async () => await phone.call('push.key', {}).catch(() => null),
    );
    const subscription = push.subscribe(key);
    const wanted = { subscription, actions: true, silent: true };
    await eventually(async () => await phone.call('push.subscribe', wanted).catch(() => null));
    await eventually(async () => {
      const { notify } = await host.client.call('notify.state', {});
      return notify.note.state === 'left' ? true : null;
    });

    await killAll();
    await phone.outbox.send('session.send', {
      ...{ sessionId, commandId: newCommandId() },
      prompt: text(SECRETS['a prompt that waited']),
    });
    await phone.until(() =>
      phone.outbox.entries.some(({ state }) => state === 'left') ? true : null,
    );
    await push.until(() => push.takenBy(subscription).some(({ type }) => type === 'silence'));
    const view = viewOf(offers, subscription.keys);
    // While it is there: what was taken is gone from a store.
    view.folder('stored', cluster.nats.server.storeFolder);
    metrics.push(...(await served()));
    await host.connect();
    await phone.up();
    await cluster.nodes[0]?.drain();

    await phone.up();
    metrics.push(...(await served()));

    for (const { subject, data } of said) {
      view.subject('published', subject, SHAPES);
      view.bytes('published', subject, data);
    }
    view.folder('stored', cluster.nats.server.storeFolder);
    for (const node of cluster.nodes)
      view.log('logged', node.log, { constants: sources(), shapes: OF_THE_OPERATOR });
    for (const page of metrics) view.metrics('served', page);
    expect(view.findings).toEqual([]);
    // All of it was there to be looked at.
    const kinds = new Set(said.map(({ subject }) => subject.split('.').slice(0, 2).join('.')));
    expect([...kinds]).toEqual(expect.arrayContaining(SUBJECTS));
    for (const kind of ['published', 'stored', 'logged', 'served'])
      expect([kind, view.seenBytes.get(kind) ?? 0]).toEqual([
        kind,
        expect.toSatisfy((n) => n > 1_000),
      ]);
  }, 120_000);
});

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
  // Each would bring the other one back.
  process.kill(keeperPid, 'SIGSTOP');
  killHard(pid);
  killHard(keeperPid);
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
  return new OperatorView(secrets, [...WORDS, ...wordsOfNats()]);
}

const keysSchema = z.object({ sealing: z.string(), relay: z.string() });
const booksSchema = z.object({ devices: z.array(z.object({ rootPsk: z.string() })) });

/** What its servers and clients call their own things, as streams and consumers. */
function wordsOfNats(): Set<string> {
  const files = ['jetstream/lib/jsapi_types.d.ts', 'jetstream/lib/types.d.ts', 'kv/lib/types.d.ts'];
  const texts = files.map((file) => readFileSync(join(NATS_TYPES, file)));
  return wordsIn(Buffer.concat(texts));
}

test('whoever looks so finds a secret in any form, words that nobody expects, and what a log has of a client', () => {
  const secret = 'weave algebraical patterns';
  const forms = [
    ...[secret, `x${secret}`, Buffer.from(secret).toString('hex'), encodeURIComponent(secret)],
    ...['', 'a', 'ab'].map((before) => Buffer.from(`${before}${secret}, all`).toString('base64')),
    ...['', 'a', 'ab'].map((before) => Buffer.from(`${before}${secret}`).toString('base64url')),
  ];
  for (const form of [...forms.map((text) => Buffer.from(text)), Buffer.from(secret, 'utf16le')]) {
    const view = new OperatorView({ 'the secret': secret }, ['weave', 'algebraical', 'patterns']);
    view.bytes('stored', 'a file', form);
    expect(view.findings).toContain('stored: the secret in a file');
  }
  const view = new OperatorView({}, ['sequence']);
  view.bytes(
    'published',
    'a subject',
    Buffer.from('{"sequence":1,"hostName":"turing","deviceNames":[]}'),
  );
  view.bytes(
    'published',
    'base64',
    Buffer.from(Buffer.from('0 nicknames of 9 people').toString('base64')),
  );
  const line = { time: '2026-11-21T08:00:00.000Z', level: 'info', message: 'constant', count: 1 };
  view.log('logged', `${JSON.stringify({ ...line, device: 'Pixel' })}\n`, {
    constants: 'info constant',
    shapes: [],
  });
  view.metrics('served', 'a_total{host="b3NlY3JldG9zZWNyZXRv"} 1\nb_total{role="host"} 2\n');
  expect(view.findings).toEqual([
    expect.stringContaining('logged: device: "Pixel" in {"time":'),
    'published: the word "nicknames" in base64',
    expect.stringContaining('served: the label "b3NlY3JldG9zZWNyZXRv" in a_total'),
  ]);
});

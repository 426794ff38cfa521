import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Logger } from '../../../src/base/log.ts';
import type { ChannelId, DeviceId, MailId } from '../../../src/protocol/relay.ts';
import { systemClock } from '../../../src/relay/clock.ts';
import type { ChannelFacts } from '../../../src/relay/cluster/fact-store.ts';
import { openNats, type NatsParts } from '../../../src/relay/cluster/open-nats.ts';
import { Subjects } from '../../../src/relay/cluster/subjects.ts';
import { DeployedNats, STRANGER } from '../../support/deployed-nats.ts';
import { isWithoutNats } from '../../support/nats-under-test.ts';

// Ids of tests; the schemas that brand them are at the relay's doors.
const channel = 'c'.repeat(22) as ChannelId;
const device = 'd'.repeat(22) as DeviceId;
const id = 'm'.repeat(22) as MailId;
const WAIT = { timeout: 10_000 };
const subjects = new Subjects('porchlight');

/** The file that people deploy: all that a node does is allowed by it, and nobody else sees any of it. */
describe.skipIf(isWithoutNats())('three servers by deploy/relay/nats.conf', () => {
  let nats: DeployedNats;
  const nodes: NatsParts[] = [];
  const problems: string[] = [];
  const say = (fields: object, message: string): void =>
    void problems.push(`${message} ${JSON.stringify(fields)}`);
  const log: Logger = { debug() {}, info() {}, warn() {}, error: say };

  beforeAll(async () => {
    nats = await DeployedNats.start();
    for (let n = 0; n < 2; n += 1)
      nodes.push(
        openNats(nats.settings(), {
          ...{ clock: systemClock, log },
          wallMs: () => Date.now(),
          random: () => Math.random(),
        }),
      );
    for (const node of nodes) await node.link.up(10_000);
  }, 40_000);
  afterAll(async () => {
    for (const node of nodes) await node.close();
    await nats.stop();
  });

  const both = (): [NatsParts, NatsParts] => {
    const [one, other] = nodes;
    if (one === undefined || other === undefined) throw new Error('not started');
    return [one, other];
  };

  test('let nodes do all that they do, and refuse nothing of it', async () => {
    const [one, other] = both();
    const heard: string[] = [];
    other.bus.subscribe(subjects.seek(channel), (payload, reply) => {
      heard.push(Buffer.from(payload).toString());
      reply?.(Buffer.from('here'));
    });
    await vi.waitFor(async () => {
      const answer = await one.bus.ask(subjects.seek(channel), Buffer.from('where?'), 1_000);
      expect(Buffer.from(answer ?? []).toString()).toBe('here');
    }, WAIT);
    expect(heard).toContain('where?');

    const facts: ChannelFacts = { v: 1, epoch: 1, revoked: [device], asleepSince: null };
    one.facts.put(channel, facts);
    await vi.waitFor(async () => expect(await other.facts.read(channel)).toEqual(facts), WAIT);
    one.facts.forget(channel);
    await vi.waitFor(async () => expect(await other.facts.read(channel)).toBeNull(), WAIT);

    const mail = { device, id, epoch: 1, atMs: Date.now(), sealed: Buffer.from('sealed') };
    await one.mail.leave(channel, mail);
    expect(await other.mail.read(channel, 10)).toMatchObject([{ device, id }]);
    await other.mail.taken(channel, [{ device, id }]);
    expect(await one.mail.read(channel, 10)).toEqual([]);

    // Each is one attempt, and the stream may have no leader yet; what is written may go unanswered.
    const revision = await vi.waitFor(
      async () => (await one.lease.write('mine', null)) ?? (await one.lease.read())?.revision,
      WAIT,
    );
    expect(await other.lease.read()).toEqual({ text: 'mine', revision });
    expect(await other.lease.write('no', null)).toBeNull();

    const notes = one.openNotes(say.bind(null, {}));
    await notes.open();
    notes.put('note.a.1', 'one');
    notes.put('note.a.2', 'two');
    await notes.durable();
    notes.put('note.a.1', null);
    await notes.close();
    const kept = await other.openNotes(say.bind(null, {})).open();
    expect([...kept.kept]).toEqual([['note.a.2', 'two']]);
    expect(problems).toEqual([]);
  }, 30_000);

  test('show another user neither what nodes say nor what is stored', async () => {
    const [one] = both();
    const { user, password } = STRANGER;
    const stranger = await connect({ servers: nats.urls, user, pass: password });
    try {
      const heard: string[] = [];
      stranger.subscribe('>', { callback: (_, { subject }) => void heard.push(subject) });
      await stranger.flush();
      one.bus.publish(subjects.notes, Buffer.from('for nodes alone'));
      await one.facts.read(channel);
      const stored = await stranger.request('$JS.API.STREAM.NAMES', '', { timeout: 5_000 });
      const read = await stranger
        .request('$JS.API.STREAM.INFO.KV_porchlight-notes', '', { timeout: 5_000 })
        .then((answer) => answer.string());
      // What it asked and was told itself.
      const others = heard.filter((subject) => !/^(?:\$JS|_INBOX)\./.test(subject));
      expect([JSON.parse(stored.string())]).toMatchObject([{ total: 0 }]);
      expect([others, read.includes('stream not found')]).toEqual([[], true]);
    } finally {
      await stranger.close();
    }
  });

  test('let a node neither see nor remove what is not of the relay', async () => {
    const [{ link }] = both();
    const { connection } = link;
    if (connection === null) throw new Error('not connected');
    const asked = [
      '$JS.API.STREAM.LIST',
      '$JS.API.STREAM.DELETE.porchlight-mail',
      '$JS.API.STREAM.CREATE.other',
      '$JS.API.CONSUMER.CREATE.porchlight-mail',
      'other.subject',
    ];
    const refused = await Promise.all(
      asked.map(async (subject) => {
        const answer = connection.request(subject, '{}', { timeout: 400 });
        return await answer.then(
          () => 'answered',
          (error: unknown) =>
            error instanceof Error && error.cause instanceof Error ? error.cause.name : 'unknown',
        );
      }),
    );
    expect(refused).toEqual(asked.map(() => 'PermissionViolationError'));
    problems.length = 0;
  });

  test('let nobody in without the password', async () => {
    const wrong = { servers: nats.urls, user: 'relay', pass: 'guess', reconnect: false };
    await expect(connect(wrong)).rejects.toThrow();
    await expect(connect({ servers: nats.urls, reconnect: false })).rejects.toThrow();
  });
});

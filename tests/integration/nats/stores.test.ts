import { afterEach, describe, expect, test } from 'vitest';
import { silentLogger, type Logger } from '../../../src/base/log.ts';
import type { ChannelId, DeviceId, MailId } from '../../../src/protocol/relay.ts';
import { systemClock } from '../../../src/relay/clock.ts';
import { openNats, type NatsParts } from '../../../src/relay/cluster/open-nats.ts';
import type { ClusterSettings } from '../../../src/relay/cluster/settings.ts';
import type { Mail } from '../../../src/relay/mail/mail-store.ts';
import { natsSettings } from '../../support/nats-settings.ts';
import { isWithoutNats, NatsUnderTest } from '../../support/nats-under-test.ts';
import { eventually } from '../../support/test-bus.ts';

// Ids of tests; the schemas that brand them are at the relay's doors.
const channel = 'c'.repeat(22) as ChannelId;
const mail = (n: number): Mail => ({
  device: 'd'.repeat(22) as DeviceId,
  id: `m${n}`.padEnd(22, '_') as MailId,
  epoch: 1,
  atMs: Date.now(),
  sealed: Buffer.from(`sealed ${n}`),
});

describe.skipIf(isWithoutNats())('what a node keeps in NATS', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });
  const ready = (nats: NatsUnderTest): NatsUnderTest => {
    ends.push(async () => await nats.stop());
    return nats;
  };
  const joinCluster = (settings: ClusterSettings): { parts: NatsParts; said: string[] } => {
    const said: string[] = [];
    const say = (_: object, message: string): void => void said.push(message);
    const log: Logger = { debug() {}, info: say, warn: say, error: say };
    const parts = openNats(settings, {
      ...{ clock: systemClock, log },
      wallMs: () => Date.now(),
      random: () => Math.random(),
    });
    ends.push(async () => await parts.close());
    return { parts, said };
  };
  const streamsOf = async ({ link }: NatsParts): Promise<Record<string, number>> => {
    const asked = await link.connection?.request('$JS.API.STREAM.LIST').catch(() => null);
    // As NATS says it of itself.
    const { streams = [] } = JSON.parse(asked?.string() ?? '{}') as {
      streams?: { config: { name: string; num_replicas: number } }[];
    };
    return Object.fromEntries(
      streams.map(({ config }) => [config.name, config.num_replicas]).toSorted(),
    );
  };
  const all = (copies: number): Record<string, number> => ({
    'KV_under-test-facts': copies,
    'KV_under-test-lease': copies,
    'KV_under-test-notes': copies,
    'under-test-mail': copies,
  });

  test('a node that is there before NATS is not ready, and has all of it when NATS comes', async () => {
    const nats = ready(await NatsUnderTest.prepare());
    const { parts, said } = joinCluster(natsSettings(nats.urls));
    const failure = await parts.link.up(150).catch((error: unknown) => String(error));
    const early = [parts.bus.isUp, failure, parts.link.problem];
    parts.facts.put(channel, { v: 1, epoch: 3, revoked: [], asleepSince: null });
    const late = parts.mail.leave(channel, mail(1));
    await nats.startAll();
    await parts.link.up(5_000);
    await late;
    await eventually('streams', async () => Object.keys(await streamsOf(parts)).length === 4);
    await parts.facts.close(5_000);
    const other = joinCluster(natsSettings(nats.urls));
    await other.parts.link.up(5_000);
    expect({
      early,
      isUp: parts.bus.isUp,
      problem: parts.link.problem,
      streams: await streamsOf(parts),
      facts: (await other.parts.facts.read(channel))?.epoch,
      mail: (await other.parts.mail.read(channel, 9)).length,
      warned: said.includes('this version of NATS is not to be relied on'),
    }).toEqual({
      early: [
        false,
        `Error: NATS at ${nats.server.url}: nobody listens there: does it run?`,
        `NATS at ${nats.server.url}: nobody listens there: does it run?`,
      ],
      isUp: true,
      problem: null,
      streams: all(1),
      facts: 3,
      mail: 1,
      warned: true,
    });
  });

  test('what was wiped is made anew, and used', async () => {
    const nats = ready(await NatsUnderTest.start());
    const { parts } = joinCluster(natsSettings(nats.urls));
    await parts.link.up(5_000);
    await parts.mail.leave(channel, mail(1));
    const { connection } = parts.link;
    for (const stream of Object.keys(all(1)))
      await connection?.request(`$JS.API.STREAM.DELETE.${stream}`);
    await parts.mail.leave(channel, mail(2));
    parts.facts.put(channel, { v: 1, epoch: 4, revoked: [], asleepSince: null });
    await parts.facts.close(5_000);
    const kept = [
      (await parts.mail.read(channel, 9)).map(({ id }) => id),
      await parts.facts.read(channel),
      await parts.lease.read(),
      await parts.lease.write('{}', null),
    ];
    expect(kept).toEqual([
      [mail(2).id],
      { v: 1, epoch: 4, revoked: [], asleepSince: null },
      null,
      1,
    ]);
  });

  test('more copies than there are servers are refused in words, with what to do', async () => {
    const nats = ready(await NatsUnderTest.start());
    const problems: unknown[] = [];
    const error = (fields: object): void => void problems.push(fields);
    const parts = openNats(natsSettings(nats.urls, { replicas: 3 }), {
      ...{ clock: systemClock, log: { ...silentLogger, error } },
      wallMs: () => Date.now(),
      random: () => Math.random(),
    });
    ends.push(async () => await parts.close());
    await eventually('words', async () => problems.length > 0);
    expect(problems[0]).toEqual({
      stream: 'KV_under-test-facts',
      err: 'this NATS is no cluster and keeps one copy: say --nats-replicas 1, or nothing. NATS says: replicas > 1 not supported in non-clustered mode (10074)',
    });
  });

  test('three servers keep three copies; a stream that is there stays as it is, but for its age', async () => {
    const nats = ready(await NatsUnderTest.start({ size: 3 }));
    const { parts } = joinCluster(natsSettings(nats.urls.slice(0, 1)));
    await parts.link.up(5_000);
    await eventually('streams', async () => Object.keys(await streamsOf(parts)).length === 4);
    const asNew = await streamsOf(parts);
    const settings = natsSettings(nats.urls, {
      replicas: 1,
      mail: { maxAgeSec: 60, maxCount: 5, maxBytes: 1_000_000, maxAllBytes: 10_000_000 },
    });
    const later = joinCluster(settings).parts;
    await later.link.up(5_000);
    const age = async (): Promise<string> =>
      (await later.link.connection?.request('$JS.API.STREAM.INFO.under-test-mail'))?.string() ?? '';
    await eventually('new age', async () => (await age()).includes('"max_age":60000000000,'));
    expect([asNew, await streamsOf(later)]).toEqual([all(3), all(3)]);
  });

  test('while the leader of the mail is killed nothing that was acknowledged is lost, and nothing is twice', async () => {
    const nats = ready(await NatsUnderTest.start({ size: 3 }));
    const { parts } = joinCluster(natsSettings(nats.urls));
    await parts.link.up(5_000);
    await parts.mail.leave(channel, mail(0));
    const leader = await nats.streamLeader('under-test-mail');
    const killing = leader.kill();
    const left = Array.from({ length: 20 }, async (_, n) => {
      await parts.mail.leave(channel, mail(n + 1));
      return mail(n + 1).id;
    });
    await killing;
    const acknowledged = [mail(0).id, ...(await Promise.all(left))];
    const kept = await parts.mail.read(channel, 100);
    expect(kept.map(({ id }) => id).toSorted()).toEqual(acknowledged.toSorted());
  });
});

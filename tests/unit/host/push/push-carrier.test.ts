import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../../../src/host/attention/notice.ts';
import { deviceOf, placeOf, PushCarrier } from '../../../../src/host/push/push-carrier.ts';
import { PushKeys } from '../../../../src/host/push/push-keys.ts';
import type { Role } from '../../../../src/protocol/devices.ts';
import type { PushSubscriptionJson } from '../../../../src/protocol/push.ts';
import { deviceIdSchema } from '../../../../src/protocol/relay.ts';
import { PushService } from '../../../support/push-service.ts';

const device = deviceIdSchema.parse('A'.repeat(22));
const notice: Notice = {
  ...{ id: 'a_1', round: 1, kind: 'decision', title: 'Fix the tests', loud: false },
  ...{ body: 'Run: npm test', bare: 'bare', at: '2026-03-01T10:00:00.000Z', hash: 'hash' },
};

let folder: string;
let service: PushService;
let keys: PushKeys;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'push-'));
  service = await PushService.start();
  keys = new PushKeys(join(folder, 'push-key.json'));
});
afterEach(async () => {
  await service.close();
  rmSync(folder, { recursive: true });
});

function carrier(
  subscription: PushSubscriptionJson,
  { role = 'operator', actions = true }: { role?: Role; actions?: boolean } = {},
): PushCarrier {
  const since = '2026-03-01T09:00:00.000Z';
  return new PushCarrier(
    { id: device, name: 'Pixel 9', role, lastSeenAt: since },
    {
      ...{ device, subscription, serverKey: '', actions, silent: true, since },
      ...{ lastAt: null, problem: null, kinds: ['decision'] },
    },
    {
      sealer: async () => await keys.load(),
      hostId: async () => await Promise.resolve('the-host'),
      allowHosts: () => [service.host],
    },
  );
}

describe('web push to a device', () => {
  it('is sealed, signed, urgent, kept for a day, and of one topic with its withdrawal', async () => {
    const { publicKey } = await keys.load();
    const it = carrier(service.subscribe(publicKey));
    const finished = { ...notice, id: 'a_2', kind: 'finished' } as const;
    const results = [
      await it.show(notice, 2, false),
      await it.show(finished, 2, false),
      await it.withdraw(['a_1'], 1),
      await it.withdraw(['a_2', 'a_3'], 0),
    ];
    const [first, second, third, fourth] = service.taken;
    expect([results.map(({ status }) => status), service.faults]).toEqual([
      [201, 201, 201, 201],
      [],
    ]);
    expect([first, second, third, fourth].map((each) => [each?.urgency, each?.ttl])).toEqual([
      ['high', 86_400],
      ['normal', 86_400],
      ['normal', 86_400],
      ['normal', 86_400],
    ]);
    expect([
      third?.topic === first?.topic,
      new Set(service.taken.map((each) => each.topic)).size,
    ]).toEqual([true, 3]);
    expect(service.taken.map(({ payload }) => payload)).toMatchObject([
      { type: 'show', tag: 'a_1', hash: 'hash', host: 'the-host', badge: 2 },
      { type: 'show', tag: 'a_2' },
      { type: 'withdraw', tags: ['a_1'], badge: 1 },
      { type: 'withdraw', tags: ['a_2', 'a_3'], badge: 0 },
    ]);
  });

  it('says nothing to the network but where it goes', async () => {
    const subscription = service.subscribe();
    await carrier(subscription).show(notice, 1, false);
    const [taken] = service.taken;
    const seen = `${taken?.sealed.toString('latin1')} ${taken?.topic} ${JSON.stringify(taken?.vapid)}`;
    for (const word of ['npm', 'Fix', 'a_1', 'the-host', 'hash']) expect(seen).not.toContain(word);
  });

  it('offers no decision to a viewer, nor where there can be no actions', async () => {
    const subscription = service.subscribe();
    await carrier(subscription, { role: 'viewer' }).show(notice, 1, false);
    await carrier(subscription, { actions: false }).show(notice, 1, false);
    await carrier(subscription, { role: 'approver' }).show(notice, 1, false);
    expect(service.takenBy(subscription).map((each) => 'hash' in each)).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('tells each answer of a push service apart', async () => {
    const it = carrier(service.subscribe());
    service.script = [
      ...([404, 410, 413, 429, 500, 400, 403, 301] as const),
      { status: 503, retryAfter: '120' },
      ...(['cut', 'drop'] as const),
    ];
    const found = [];
    for (let n = 0; n < 11; n += 1) found.push(await it.show(notice, 1, false));
    expect(found).toMatchObject([
      { kind: 'gone', status: 404 },
      { kind: 'gone', status: 410 },
      { kind: 'tooLarge' },
      { kind: 'again', mayBeThere: false, afterMs: null },
      { kind: 'again', mayBeThere: false },
      { kind: 'never', status: 400 },
      { kind: 'never', status: 403 },
      { kind: 'never', status: 301 },
      { kind: 'again', afterMs: 120_000 },
      { kind: 'again', mayBeThere: true },
      { kind: 'again', mayBeThere: true },
    ]);
    expect(JSON.stringify(found)).not.toContain('/push/');
  });

  it('has its keys in a file of its own, the same the next time', async () => {
    const file = join(folder, 'push-key.json');
    const first = await keys.load();
    const again = await new PushKeys(file).load();
    expect([again.publicKey, statSync(file).mode & 0o777, again.topicOf('x')]).toEqual([
      first.publicKey,
      0o600,
      first.topicOf('x'),
    ]);
    expect(first.topicOf('x')).toMatch(/^[\w-]{32}$/u);
  });

  it('has no keys from a file that others can read, or that is damaged, and looks again', async () => {
    const file = join(folder, 'push-key.json');
    const { publicKey } = await keys.load();
    const good = readFileSync(file, 'utf8');
    chmodSync(file, 0o644);
    const other = new PushKeys(file);
    await expect(other.load()).rejects.toThrow('open to other users');
    chmodSync(file, 0o600);
    writeFileSync(file, good.slice(0, 40));
    const damaged = await other.load().catch((error: unknown) => String(error));
    expect([
      damaged.toString().includes('is damaged'),
      damaged.toString().includes(good.slice(20, 40)),
    ]).toEqual([true, false]);
    writeFileSync(file, good);
    expect((await other.load()).publicKey).toBe(publicKey);
  });

  it('knows a place of a device by its name', () => {
    expect([deviceOf(placeOf(device)), deviceOf('desktop'), deviceOf('device:')]).toEqual([
      device,
      null,
      null,
    ]);
  });
});

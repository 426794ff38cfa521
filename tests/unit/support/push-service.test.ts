import webpush from 'web-push';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardedPost, type Posted } from '../../../src/outbound/guarded-post.ts';
import type { PushPayload, PushSubscriptionJson } from '../../../src/protocol/push.ts';
import { PushService } from '../../support/push-service.ts';

const subject = 'mailto:porchlight@example.com';
const keys = webpush.generateVAPIDKeys();
const payload: PushPayload = {
  ...{ v: 1, type: 'withdraw', host: 'h', badge: 0, tags: ['one'], words: 'Decided.' },
};

let service: PushService;
beforeEach(async () => {
  service = await PushService.start();
});
afterEach(async () => await service.close());

const push = async (
  to: PushSubscriptionJson,
  { text = JSON.stringify(payload), by = keys, topic = 'one', limitMs = 2_000 } = {},
): Promise<Posted> => {
  const { headers, body, endpoint } = webpush.generateRequestDetails(
    { endpoint: to.endpoint, keys: to.keys },
    text,
    { TTL: 60, urgency: 'high', topic, vapidDetails: { subject, ...by } },
  );
  return await guardedPost({
    url: endpoint,
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([k, v]) => [k, String(v)])),
    body: body ?? Buffer.alloc(0),
    limitMs,
    allowHosts: [service.host],
  });
};
const statusOf = (posted: Posted) => (posted.kind === 'answered' ? posted.status : posted.kind);

describe('the push service of the tests', () => {
  it('opens what is sealed for a subscription, and notes all that a real one would see', async () => {
    const subscription = service.subscribe(keys.publicKey);
    expect(statusOf(await push(subscription))).toBe(201);
    const [taken] = service.taken;
    expect([taken, service.takenBy(subscription), service.faults]).toMatchObject([
      {
        payload,
        ...{ ttl: 60, urgency: 'high', topic: 'one' },
        vapid: { aud: service.origin, sub: subject },
      },
      [payload],
      [],
    ]);
  });

  it('refuses another’s key, another’s seal, what is no payload and what is too large', async () => {
    const mine = service.subscribe(keys.publicKey);
    const other = { ...mine, keys: service.subscribe().keys };
    const statuses = [
      await push(mine, { by: webpush.generateVAPIDKeys() }),
      await push(other),
      await push(mine, { text: '{}' }),
      await push(mine, { text: 'x'.repeat(5_000) }),
    ].map(statusOf);
    expect([statuses, service.taken, service.faults.length]).toEqual([[403, 400, 400, 413], [], 4]);
  });

  it('answers by its script, and tells what was taken from what was not', async () => {
    const to = service.subscribe();
    service.script = [500, { status: 429, retryAfter: '3' }, 'hang', 'cut', 'drop', 404];
    const answers: Posted[] = [];
    for (let n = 0; n < 7; n += 1) answers.push(await push(to, { limitMs: 500 }));
    service.forget(to);
    answers.push(await push(to));
    expect([answers.map(statusOf), service.taken.length, service.faults]).toEqual([
      [500, 429, 'silent', 'silent', 'silent', 404, 201, 410],
      3,
      [],
    ]);
    expect(answers[1]).toMatchObject({ retryAfterMs: 3_000 });
  });
});

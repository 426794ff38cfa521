import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../../../src/host/attention/notice.ts';
import { WebhookCarrier } from '../../../../src/host/channels/webhook.ts';
import type { GuardedRequest, Posted } from '../../../../src/outbound/guarded-post.ts';
import { sessionIdSchema } from '../../../../src/protocol/ids.ts';
import { WebhookServer } from '../../../support/webhook-server.ts';

const notice: Notice = {
  ...{ id: 'a_1', round: 1, kind: 'decision', title: 'Fix the tests', loud: false },
  ...{ body: 'Run: npm test', bare: 'Something waits for you.', at: '2026-03-01T10:00:00.000Z' },
  sessionId: sessionIdSchema.parse('s_abcdefghijkl'),
};
const PLAIN = 'a secret of sixteen or more';
const BASE64 = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;

let server: WebhookServer | null = null;
afterEach(async () => await server?.close());

async function carrier(secret: string, detail?: boolean): Promise<[WebhookCarrier, WebhookServer]> {
  const started = await WebhookServer.start(secret);
  server = started;
  const wire = { allowHosts: () => [started.host], page: () => null, now: () => new Date() };
  const to = { url: started.url, secret, ...(detail !== undefined && { detail }) };
  return [new WebhookCarrier(to, wire), started];
}

describe('a webhook', () => {
  it.each([PLAIN, BASE64])('is signed so that its receiver can tell: %s', async (secret) => {
    const [it, its] = await carrier(secret);
    expect(await it.show(notice, 2)).toMatchObject({ kind: 'handed', status: 204 });
    expect(await it.withdraw(['a_1', 'b'], 0, 1_000)).toMatchObject({ kind: 'handed' });
    expect([its.done(), its.faults]).toEqual([
      [
        {
          ...{ type: 'attention.needed', timestamp: notice.at },
          data: {
            ...{ id: 'a_1', round: 1, kind: 'decision', text: 'Something waits for you.' },
            ...{ at: notice.at, loud: false, open: 2 },
          },
        },
        {
          ...{ type: 'attention.over', timestamp: '1970-01-01T00:00:01.000Z' },
          data: { ids: ['a_1', 'b'], open: 0 },
        },
      ],
      [],
    ]);
  });

  it('has the words where they are wanted', async () => {
    const [it, its] = await carrier(PLAIN, true);
    await it.show(notice, 1);
    expect(its.done()[0]?.data).toMatchObject({
      ...{ title: 'Fix the tests', body: 'Run: npm test', sessionId: notice.sessionId },
    });
  });

  it('has the same id for each try of the same thing, and another for another', async () => {
    const [it, its] = await carrier(PLAIN);
    await it.show(notice, 1);
    await it.show(notice, 2);
    await it.show({ ...notice, round: 2 }, 1);
    await it.withdraw(['a', 'b'], 1, 5_000);
    await it.withdraw(['b', 'a'], 0, 5_000);
    await it.withdraw(['a', 'b'], 0, 6_000);
    const ids = its.calls.map(({ id }) => id);
    const [first, second, third, fourth, fifth, sixth] = ids;
    expect([
      first === second,
      fourth === fifth,
      new Set([first, third, fourth, sixth]).size,
    ]).toEqual([true, true, 4]);
    for (const id of ids) expect(id).toMatch(/^msg_[\w-]{27}$/u);
  });

  it('signs its id, the time of the try in seconds, and the body, with the key within the secret', async () => {
    const seen: GuardedRequest[] = [];
    const post = async (request: GuardedRequest): Promise<Posted> => {
      seen.push(request);
      return await Promise.resolve({ kind: 'answered', status: 200, retryAfterMs: null, body: '' });
    };
    const it = new WebhookCarrier(
      { url: 'https://hooks.example.com/x', secret: BASE64 },
      { allowHosts: () => [], page: () => null, now: () => new Date(1_674_087_231_999), post },
    );
    await it.show(notice, 1);
    const [request] = seen;
    const headers = request?.headers ?? {};
    const text = Buffer.from(request?.body ?? []).toString('utf8');
    const signed = `${headers['webhook-id']}.1674087231.${text}`;
    const expected = createHmac('sha256', Buffer.alloc(24, 9)).update(signed).digest('base64');
    expect([headers['webhook-timestamp'], headers['webhook-signature']]).toEqual([
      '1674087231',
      `v1,${expected}`,
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import {
  hostsOf,
  newSecret,
  ntfyOf,
  webhookOf,
} from '../../../../../renderer/features/notify/channel-form.ts';
import { testWords } from '../../../../../renderer/features/notify/test-words.ts';
import { notifyChannelsSchema } from '../../../../../src/protocol/attention.ts';

const ntfy = { url: ' https://ntfy.sh ', topic: ' my-porch ', token: ' ', detail: false };
const webhook = { url: 'https://hooks.example/x', secret: 's'.repeat(16), detail: true };
const isTaken = (channels: unknown): boolean =>
  notifyChannelsSchema.partial().safeParse(channels).success;

describe('the forms of other places', () => {
  test('make what the host takes', () => {
    const all = [
      ntfyOf(ntfy),
      ntfyOf({ ...ntfy, token: 'tk_1', url: 'http://nas.local:8080' }),
      webhookOf(webhook),
      hostsOf('nas.local\n\n 192.168.1.2:8080 \n'),
      hostsOf(''),
    ];
    expect(all.map((made) => made.ok && [made.channels, isTaken(made.channels)])).toEqual([
      [{ ntfy: { url: 'https://ntfy.sh', topic: 'my-porch', detail: false } }, true],
      [
        {
          ntfy: { url: 'http://nas.local:8080', topic: 'my-porch', token: 'tk_1', detail: false },
        },
        true,
      ],
      [{ webhook }, true],
      [{ allowHosts: ['nas.local', '192.168.1.2:8080'] }, true],
      [{ allowHosts: [] }, true],
    ]);
  });

  test.each([
    ntfyOf({ ...ntfy, url: 'ntfy.sh' }),
    ntfyOf({ ...ntfy, url: 'file:///etc/passwd' }),
    ntfyOf({ ...ntfy, url: `https://${'x'.repeat(300)}` }),
    ntfyOf({ ...ntfy, topic: 'a topic' }),
    ntfyOf({ ...ntfy, topic: '' }),
    ntfyOf({ ...ntfy, token: 't'.repeat(201) }),
    webhookOf({ ...webhook, secret: 'short' }),
    webhookOf({ ...webhook, url: '' }),
    hostsOf('https://nas.local'),
    hostsOf('me@nas.local'),
    hostsOf(Array.from({ length: 21 }, (_, n) => `host-${n}`).join('\n')),
  ])('refuse in words what is wrong: %o', (made) => {
    expect(made).toEqual({ ok: false, problem: expect.stringMatching(/^[A-Z].*\.$/) });
  });

  test('a secret is 32 random bytes that stand in any address', () => {
    const secret = newSecret((bytes) => bytes.fill(0xfb));
    expect([secret, secret.length]).toEqual([expect.stringMatching(/^[\w-]+$/), 43]);
  });
});

test.each([
  [
    { ok: true, status: 201, tookMs: 40, problem: null },
    'Taken in 40 ms. It should show in a moment.',
  ],
  [{ ok: false, status: 410, tookMs: 1, problem: null }, 'Not taken. Answer 410.'],
  [{ ok: false, status: 500, tookMs: 1, problem: 'It is broken.' }, 'Not taken. It is broken.'],
  [{ ok: false, status: null, tookMs: 1, problem: null }, 'Not taken.'],
])('a test ends in words: %o', (result, words) => {
  expect(testWords(result)).toBe(words);
});

import { beforeEach, describe, expect, test } from 'vitest';
import { MAX_NOTES } from '../../../../src/protocol/relay.ts';
import {
  answered,
  channelId,
  deviceId,
  HOUR,
  MINUTE,
  note,
  NotesStage,
  revocations,
  SECOND,
} from '../../../support/relay-notes.ts';

let stage: NotesStage;
const host = channelId();
const phone = deviceId();
beforeEach(async () => {
  stage = await NotesStage.settled();
});

const times = () => stage.times();

test('a note is sent once, when its host has been gone for as long as it says', async () => {
  stage.came(host);
  stage.left(host, note(phone));
  await stage.pass(20 * MINUTE);
  expect(times()).toEqual([]);
  stage.host(host).went();
  await stage.pass(299 * SECOND);
  expect(times()).toEqual([]);
  await stage.pass(2 * HOUR);
  expect(times()).toEqual([1_500]);
  expect(stage.requests).toEqual([
    {
      url: `https://push.example.org/${phone}`,
      headers: {
        authorization: 'vapid t=a.b.c, k=d',
        'content-encoding': 'aes128gcm',
        'content-type': 'application/octet-stream',
        ttl: '3600',
        topic: phone,
        urgency: 'high',
      },
      body: Buffer.from(`sealed for ${phone}`),
      limitMs: 15_000,
    },
  ]);
});

test('a host that comes back in time is not spoken for, and its silence begins anew', async () => {
  stage.came(host);
  stage.left(host, note(phone));
  stage.host(host).went();
  await stage.pass(299 * SECOND);
  stage.came(host);
  await stage.pass(10 * MINUTE);
  stage.host(host).went();
  await stage.pass(299 * SECOND);
  expect(times()).toEqual([]);
  await stage.pass(SECOND);
  expect(times()).toEqual([299 + 600 + 300]);
});

test('a host that said it sleeps is not silent, also after a restart of the relay', async () => {
  stage.came(host);
  stage.left(host, note(phone));
  stage.host(host).slept();
  stage.host(host).went();
  await stage.pass(HOUR);
  await stage.store.durable();
  await stage.restart(MINUTE);
  await stage.pass(HOUR);
  expect(times()).toEqual([]);
  stage.came(host);
  stage.host(host).went();
  await stage.pass(5 * MINUTE);
  expect(times()).toHaveLength(1);
});

test('notes that were taken back, replaced or out of date are not sent', async () => {
  const [tablet, laptop] = [deviceId(), deviceId()];
  stage.came(host);
  stage.left(host, note(phone), note(tablet), note(laptop, { goodForSec: 200 }));
  stage.left(host, note(tablet, { afterSec: 400 }));
  stage.host(host).drop([phone]);
  stage.host(host).went();
  await stage.pass(HOUR);
  expect(stage.posts).toEqual([{ to: tablet, atSec: 500 }]);
  stage.came(host);
  stage.left(host, note(phone), note(tablet));
  stage.host(host).drop();
  stage.host(host).went();
  await stage.pass(HOUR);
  expect(stage.posts).toHaveLength(1);
  await stage.store.durable();
  expect(stage.store.keys).toEqual([`fired.${host}.${tablet}`]);
});

test('notes of revoked devices are gone, whenever that is heard', async () => {
  const tablet = deviceId();
  stage.came(host);
  stage.left(host, note(phone), note(tablet));
  stage.host(host).revoke(revocations([phone]));
  stage.host(host).went();
  await stage.pass(MINUTE);
  stage.came(host, [tablet]);
  stage.host(host).went();
  await stage.pass(HOUR);
  expect(stage.posts).toEqual([]);
  stage.came(host);
  stage.host(host).leave([note(phone)], 0, revocations([phone]));
  expect(stage.told).toEqual([
    { type: 'notesRefused', devices: [phone], message: 'The pairing of this device is ended.' },
  ]);
});

describe('what the push service says', () => {
  beforeEach(() => {
    stage.came(host);
    stage.left(host, note(phone));
    stage.host(host).went();
  });

  test('is tried again after 429, 5xx, silence and refusal, slower each time, until it is taken', async () => {
    const answers = [
      answered(503),
      answered(429, 60 * SECOND),
      { kind: 'silent', problem: 'no answer' } as const,
      { kind: 'refused', problem: 'no network' } as const,
      answered(201),
    ];
    stage.answer = async () => await Promise.resolve(answers.shift() ?? answered(500));
    await stage.pass(HOUR);
    expect(times()).toEqual([300, 302, 362, 370, 386]);
    expect(new Set(stage.requests.map(({ headers }) => headers['topic'])).size).toBe(1);
  });

  test('ends it where that is final', async () => {
    stage.answer = async () => await Promise.resolve(answered(410));
    await stage.pass(HOUR);
    expect(times()).toEqual([300]);
    stage.came(host);
    expect(stage.told).toEqual([
      {
        type: 'notesFired',
        fired: [{ device: phone, at: '2026-11-21T14:06:40.000Z', status: 410 }],
      },
    ]);
  });

  test('is not waited for longer than the note is wanted', async () => {
    stage.answer = async () => await Promise.resolve(answered(500));
    await stage.pass(3 * HOUR);
    const [last = 0] = times().slice(-1);
    expect([last > 1_800, last <= 300 + 3_600, times().length < 25]).toEqual([true, true, true]);
    stage.came(host);
    expect(stage.told).toMatchObject([{ type: 'notesFired', fired: [{ status: 500 }] }]);
  });

  test('matters no more once the host is back: it is told what was tried, once it heard no more', async () => {
    stage.answer = async () => await Promise.resolve(answered(500));
    await stage.pass(310 * SECOND);
    stage.came(host);
    const tried = times().length;
    await stage.pass(HOUR);
    expect(times()).toHaveLength(tried);
    const fired = { device: phone, at: '2026-11-21T14:06:40.000Z', status: 500 };
    expect(stage.told).toEqual([{ type: 'notesFired', fired: [fired] }]);
    stage.host(host).went();
    stage.came(host);
    expect(stage.told).toHaveLength(2);
    stage.host(host).heard([{ device: phone, at: '2026-11-21T13:00:00.000Z' }]);
    stage.host(host).went();
    stage.came(host);
    expect(stage.told).toHaveLength(3);
    stage.host(host).heard([fired]);
    stage.host(host).went();
    stage.came(host);
    expect(stage.told).toHaveLength(3);
  });

  test('that comes while the host is back already is told to it then', async () => {
    let answer: (posted: ReturnType<typeof answered>) => void = () => {};
    stage.answer = async () => await new Promise((resolve) => (answer = resolve));
    await stage.pass(300 * SECOND);
    stage.came(host);
    stage.left(host, note(phone));
    expect(stage.told).toEqual([]);
    answer(answered(201));
    await stage.pass(SECOND);
    expect(stage.told).toMatchObject([
      { type: 'notesFired', fired: [{ device: phone, status: 201 }] },
    ]);
    // The new one is there, and counts for itself.
    stage.host(host).went();
    await stage.pass(300 * SECOND);
    expect(times()).toEqual([300, 601]);
  });
});

describe('bounds', () => {
  test('silences, notes of a host, hosts and bytes: what is too much is refused in words', async () => {
    await stage.restart(0, { maxHosts: 2, maxBytes: 40_000 });
    stage.came(host);
    stage.left(host, note(phone, { afterSec: 59 }), note(phone, { afterSec: 82_801 }));
    const many = Array.from({ length: MAX_NOTES }, () => note());
    stage.left(host, ...many);
    stage.left(host, note(phone));
    const second = channelId();
    stage.came(second);
    stage.left(second, note(phone, { body: 'x'.repeat(5_000) }));
    stage.left(second, note(phone, { body: 'x'.repeat(5_400) }));
    stage.left(second, note(deviceId(), { body: 'x'.repeat(5_000) }));
    const third = channelId();
    stage.came(third);
    stage.left(third, note(phone));
    expect(
      stage.told.map((message) =>
        message.type === 'notesRefused' ? [message.devices.length, message.message] : message,
      ),
    ).toEqual([
      [2, 'This relay keeps notes for silences of 60 to 82800 s, not of 59 s.'],
      [1, 'This relay keeps 50 notes of one host, and these are there.'],
      [
        1,
        'This relay has no room for more notes now: try again later, or raise --notes-bytes there.',
      ],
      [1, 'This relay keeps notes of as many hosts as it may.'],
    ]);
  });

  test('one host in a loop, and all hosts at once, are held to a rate', async () => {
    const many = Array.from({ length: MAX_NOTES }, () => note(deviceId(), { afterSec: 60 }));
    for (let round = 0; round < 10; round += 1) {
      stage.came(host);
      stage.left(host, ...many);
      stage.host(host).went();
      await stage.pass(61 * SECOND);
    }
    expect(stage.posts.length).toBeLessThan(MAX_NOTES + (MAX_NOTES * 610) / 600 + 10);
    const before = stage.posts.length;
    stage.came(host);
    stage.host(host).drop();
    const hosts = Array.from({ length: 300 }, () => channelId());
    for (const each of hosts) {
      stage.came(each);
      stage.left(each, note());
      stage.host(each).went();
    }
    await stage.pass(300 * SECOND);
    expect(stage.posts.length - before).toBeLessThan(100);
    await stage.pass(20 * SECOND);
    expect(stage.posts.length - before).toBe(300);
  });

  test('what a newer relay has written stays in the store, and is passed over', async () => {
    stage.store.put(`note.${host}.${phone}`, '{"v":2,"what":"ever"}');
    stage.store.put('plan.b', '{"v":1}');
    await stage.store.durable();
    await stage.restart();
    await stage.pass(2 * HOUR);
    await stage.store.durable();
    expect([stage.posts, stage.store.keys]).toEqual([[], [`note.${host}.${phone}`, 'plan.b']]);
  });
});

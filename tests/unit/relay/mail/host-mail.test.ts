import { beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import {
  channelIdSchema,
  deviceIdSchema,
  MAX_MAIL_UNTAKEN,
  mailIdSchema,
} from '../../../../src/protocol/relay.ts';
import { HostMail } from '../../../../src/relay/mail/host-mail.ts';
import { MailCounts } from '../../../../src/relay/mail/mail-counts.ts';
import type { MailStore } from '../../../../src/relay/mail/mail-store.ts';
import { RelayClock } from '../../../support/relay-clock.ts';

const id = (byte: number): string => Buffer.alloc(16, byte).toString('base64url');
const one = { device: deviceIdSchema.parse(id(2)), id: mailIdSchema.parse(id(3)) };

let clock: RelayClock;
let reads: number[];
let given: string[];
let logged: string[];
let store: Pick<MailStore, 'read' | 'taken'>;
let mail: HostMail;
beforeEach(() => {
  clock = new RelayClock();
  reads = [];
  given = [];
  logged = [];
  store = {
    read: () => {
      reads.push(clock.nowMs());
      return Promise.resolve([{ ...one, epoch: 0, atMs: 0, sealed: new Uint8Array(1) }]);
    },
    taken: () => Promise.resolve(),
  };
  mail = new HostMail({
    channel: channelIdSchema.parse(id(1)),
    store: {
      read: async (...args) => await store.read(...args),
      taken: async (...args) => await store.taken(...args),
    },
    counts: new MailCounts(),
    ...{ clock, random: () => 0.5 },
    log: {
      ...silentLogger,
      warn: (fields, words) => void logged.push(JSON.stringify([fields, words])),
    },
    tell: ({ id: name }) => void given.push(name),
    isRevoked: () => false,
  });
});

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

async function pass(ms: number, steps = 1): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    clock.pass(ms / steps);
    await turns();
  }
}

test('looks at once, after 2 s, after 15 s more, and then every ten minutes or so, until it is closed', async () => {
  mail.look();
  await turns();
  await pass(1_300_000, 1_300);
  expect(reads).toEqual([0, 2_000, 17_000, 617_000, 1_217_000]);
  mail.close();
  await pass(3_600_000);
  expect({ reads: reads.length, given }).toEqual({ reads: 5, given: [one.id, one.id, one.id] });
});

test('tries again with growing pauses while the store is away, and no more once it is closed', async () => {
  store = {
    ...store,
    read: () => (reads.push(clock.nowMs()), Promise.reject(new Error(`away: ${id(1)}`))),
  };
  mail.look();
  await turns();
  await pass(10_000, 100);
  expect(reads).toEqual([0, 800, 2_000, 5_000]);
  mail.close();
  await pass(100_000, 100);
  expect(reads).toHaveLength(4);
  expect([logged.length, logged.join('').includes(id(1))]).toEqual([4, false]);
});

test('has what a host said that went forgotten all the same', async () => {
  const forgotten: unknown[] = [];
  store = { ...store, taken: (_, which) => (forgotten.push(...which), Promise.resolve()) };
  mail.look();
  await turns();
  mail.taken([one]);
  mail.close();
  await turns();
  expect({ forgotten, given }).toEqual({ forgotten: [one], given: [one.id] });
});

test('forgets nothing for a host that it did not give it', async () => {
  let orders = 0;
  store = { read: () => Promise.resolve([]), taken: () => ((orders += 1), Promise.resolve()) };
  mail.taken([one]);
  await turns();
  expect(orders).toBe(0);
});

test('what a host gives up stands in the way of nothing else for more than some minutes, and is given again', async () => {
  const all = Array.from({ length: 2 * MAX_MAIL_UNTAKEN + 2 }, (_, at) => ({
    ...{ device: one.device, id: mailIdSchema.parse(id(10 + at)), epoch: 0, atMs: 0 },
    sealed: new Uint8Array(1),
  }));
  store = {
    read: (_, count) => Promise.resolve(all.slice(0, count)),
    taken: () => Promise.resolve(),
  };
  const ids = all.map((each) => each.id);
  mail.look();
  await turns();
  await pass(590_000, 59);
  expect(given).toEqual(ids.slice(0, MAX_MAIL_UNTAKEN));
  await pass(40_000, 4);
  expect(given).toEqual(ids.slice(0, 2 * MAX_MAIL_UNTAKEN));
  await pass(600_000, 60);
  expect(given.slice(2 * MAX_MAIL_UNTAKEN)).toEqual([
    ...ids.slice(2 * MAX_MAIL_UNTAKEN),
    ...ids.slice(0, MAX_MAIL_UNTAKEN - 2),
  ]);
});

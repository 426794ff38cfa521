import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChannelId, DeviceId, MailId } from '../../../../src/protocol/relay.ts';
import { mailBytes, readMail, subjectOf } from '../../../../src/relay/mail/mail-record.ts';

// Ids of tests; the schemas that brand them are at the relay's doors.
const id = <T extends string>(): fc.Arbitrary<T> =>
  fc.stringMatching(/^[A-Za-z0-9_-]{22}$/).map((text) => text as T);

const anyMail = fc.record({
  device: id<DeviceId>(),
  id: id<MailId>(),
  epoch: fc.nat(0xffff_ffff),
  atMs: fc.nat(Number.MAX_SAFE_INTEGER).map((ms) => Math.min(ms, 8.64e15)),
  sealed: fc.uint8Array({ maxLength: 300 }),
});

test('a mail is read as it was written, whatever its ids and bytes are', () => {
  fc.assert(
    fc.property(id<ChannelId>(), anyMail, (channel, mail) => {
      const read = readMail(subjectOf('any-prefix', channel, mail), mailBytes(mail));
      expect(read && { ...read, sealed: [...read.sealed] }).toEqual({
        ...mail,
        sealed: [...mail.sealed],
      });
    }),
  );
});

test('what is not a mail of this version is none', () => {
  const mail = {
    device: 'd'.repeat(22) as DeviceId,
    id: 'm'.repeat(22) as MailId,
    epoch: 1,
    atMs: 1,
    sealed: Uint8Array.of(1, 2, 3),
  };
  const subject = subjectOf('p', 'c'.repeat(22) as ChannelId, mail);
  const good = mailBytes(mail);
  const newer = Uint8Array.from(good).fill(2, 0, 1);
  const ageless = Uint8Array.from(good).fill(0xff, 5, 13);
  const before = Uint8Array.from(good).fill(0xbf, 5, 6);
  expect([
    readMail(subject, good)?.epoch,
    ...[newer, ageless, before, good.subarray(0, 12), new Uint8Array()].map((bytes) =>
      readMail(subject, bytes),
    ),
    ...['', 'p.mail', `${subject}.7`, subject.replace(/\d+$/, '-1'), subject.replace('d', '*')].map(
      (other) => readMail(other, good),
    ),
  ]).toEqual([1, ...Array.from({ length: 10 }, () => null)]);
});

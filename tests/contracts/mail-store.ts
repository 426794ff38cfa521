import { afterEach, expect, test } from 'vitest';
import type { ChannelId, DeviceId, MailId } from '../../src/protocol/relay.ts';
import {
  MailRefused,
  type Mail,
  type MailLimits,
  type MailStore,
} from '../../src/relay/mail/mail-store.ts';

export type ContractLimits = Pick<MailLimits, 'maxAgeMs' | 'maxCount' | 'maxTotalBytes'>;

export interface MailStoresUnderTest {
  readonly store: MailStore;
  /** Of another node, or of the next start of this one. */
  readonly other: MailStore;
  nowMs(): number;
  pass(ms: number): Promise<void>;
  end(): Promise<void>;
}

// Ids of tests; the schemas that brand them are at the relay's doors.
const id16 = (letter: string, n = 0): string =>
  `${letter}${String(n).padStart(5, '0')}`.padEnd(22, '_');
const channelA = id16('A') as ChannelId;
const channelB = id16('B') as ChannelId;
const device = (n: number): DeviceId => id16('-d', n) as DeviceId;

const ROOMY: ContractLimits = { maxAgeMs: 3_600_000, maxCount: 50, maxTotalBytes: 200_000 };

/** What every way of keeping mail does. */
export function mailStoreContract(
  make: (limits: ContractLimits) => Promise<MailStoresUnderTest>,
): void {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  const made = async (limits: Partial<ContractLimits> = {}): Promise<MailStoresUnderTest> => {
    const place = await make({ ...ROOMY, ...limits });
    ends.push(place.end);
    return place;
  };
  /** The same one each time it is asked for. */
  const mailAt = ({ nowMs }: MailStoresUnderTest): ((n: number, bytes?: number) => Mail) => {
    const known = new Map<string, Mail>();
    return (n, bytes = 20) => {
      const mail = known.get(`${n} ${bytes}`) ?? {
        device: device(n % 3),
        id: id16('m', n) as MailId,
        epoch: n,
        atMs: nowMs(),
        sealed: Uint8Array.from({ length: bytes }, (_, at) => (at * 7 + n) % 256),
      };
      known.set(`${n} ${bytes}`, mail);
      return mail;
    };
  };
  const plain = (all: readonly Mail[]): unknown[] =>
    all.map(({ sealed, ...rest }) => ({ ...rest, sealed: Buffer.from(sealed).toString('base64') }));
  const refusedAs = async (leaving: Promise<void>): Promise<string> =>
    await leaving.then(
      () => 'kept',
      (error: unknown) => (error instanceof MailRefused ? error.code : String(error)),
    );

  test('what was left for a host is read by any node, oldest first, as it was, and by that host only', async () => {
    const place = await made();
    const { store, other } = place;
    const mail = mailAt(place);
    const all = [mail(1), mail(2, 1), mail(3, 5_000), mail(4)];
    for (const each of all) await store.leave(channelA, each);
    await other.leave(channelB, mail(9));
    expect([
      plain(await other.read(channelA, 10)),
      plain(await store.read(channelA, 2)),
      plain(await store.read(channelB, 10)).length,
      await store.read(id16('C') as ChannelId, 10),
    ]).toEqual([plain(all), plain(all.slice(0, 2)), 1, []]);
  });

  test('what is left twice is kept once, also at the same time, also by two nodes', async () => {
    const place = await made();
    const { store, other } = place;
    const mail = mailAt(place)(1);
    await Promise.all([store.leave(channelA, mail), other.leave(channelA, mail)]);
    await store.leave(channelA, mail);
    const sameId = { ...mail, device: device(2) };
    await other.leave(channelA, sameId);
    expect(plain(await store.read(channelA, 10))).toEqual(plain([mail, sameId]));
  });

  test('what was taken is not read again, what was not is, and taking what is not there harms nothing', async () => {
    const place = await made();
    const { store, other } = place;
    const mail = mailAt(place);
    for (const n of [1, 2, 3, 4]) await store.leave(channelA, mail(n));
    await store.leave(channelB, mail(2));
    await other.taken(channelA, [mail(2), mail(4), mail(7)]);
    await other.taken(channelA, [mail(2)]);
    expect([plain(await store.read(channelA, 10)), plain(await store.read(channelB, 10))]).toEqual([
      plain([mail(1), mail(3)]),
      plain([mail(2)]),
    ]);
  });

  test('a box that is full by count takes no more, others do, and it does once some was taken', async () => {
    const place = await made({ maxCount: 3 });
    const { store } = place;
    const mail = mailAt(place);
    for (const n of [1, 2, 3]) await store.leave(channelA, mail(n));
    const codes = [
      await refusedAs(store.leave(channelA, mail(4))),
      await refusedAs(store.leave(channelA, mail(3))),
      await refusedAs(store.leave(channelB, mail(4))),
    ];
    await store.taken(channelA, [mail(1)]);
    codes.push(await refusedAs(store.leave(channelA, mail(4))));
    expect(codes).toEqual(['full', 'kept', 'kept', 'kept']);
  });

  test('a box that is full by bytes takes no more, unless it is small enough', async () => {
    const place = await made({ maxTotalBytes: 10_000 });
    const { store } = place;
    const mail = mailAt(place);
    await store.leave(channelA, mail(1, 6_000));
    expect([
      await refusedAs(store.leave(channelA, mail(2, 4_001))),
      await refusedAs(store.leave(channelA, mail(3, 4_000))),
      await refusedAs(store.leave(channelA, mail(4, 1))),
    ]).toEqual(['full', 'kept', 'full']);
  });

  test('many that come at once are not more than a box holds', async () => {
    const place = await made({ maxCount: 5 });
    const { store } = place;
    const mail = mailAt(place);
    const numbers = Array.from({ length: 30 }, (_, n) => n);
    const codes = await Promise.all(
      numbers.map(async (n) => await refusedAs(store.leave(channelA, mail(n)))),
    );
    const kept = (await store.read(channelA, 50)).length;
    expect([kept <= 5, kept > 0, codes.filter((code) => code === 'kept').length === kept]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test('what is left without waiting for the one before is kept in its order', async () => {
    const place = await made();
    const { store, other } = place;
    const mail = mailAt(place);
    const all = Array.from({ length: 20 }, (_, n) => mail(n, 1 + ((n * 997) % 5_000)));
    await Promise.all(all.map(async (each) => await store.leave(channelA, each)));
    expect(plain(await other.read(channelA, 50))).toEqual(plain(all));
  });

  test('one that is too big is refused for good, the biggest is kept', async () => {
    const place = await made();
    const { store } = place;
    const mail = mailAt(place);
    const { maxBytes } = store.limits;
    expect([
      await refusedAs(store.leave(channelA, mail(1, maxBytes + 1))),
      await refusedAs(store.leave(channelA, mail(2, maxBytes))),
      plain(await store.read(channelA, 10)),
    ]).toEqual(['tooBig', 'kept', plain([mail(2, maxBytes)])]);
  });

  test('what is too old is not read, and what came later is', async () => {
    const place = await made({ maxAgeMs: 1_000 });
    const { store, pass } = place;
    const mail = mailAt(place);
    await store.leave(channelA, mail(1));
    await pass(700);
    const later = mail(2);
    await store.leave(channelA, later);
    await pass(500);
    expect(plain(await store.read(channelA, 10))).toEqual(plain([later]));
  });
}

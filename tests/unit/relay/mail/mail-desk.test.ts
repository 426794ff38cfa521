import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_MAIL_UNTAKEN, type RelayMessage } from '../../../../src/protocol/relay.ts';
import { MemoryMailStore } from '../../../fakes/memory-mail-store.ts';
import {
  connectDevice,
  connectGuest,
  connectHost,
  DeviceKey,
  HostKey,
  id,
  RelayClient,
} from '../../../support/relay-clients.ts';
import { RelayClock } from '../../../support/relay-clock.ts';
import { relayHere } from '../../../support/relay-under-test.ts';

type Place = Awaited<ReturnType<typeof relayHere>>;
type MailMessage = Extract<RelayMessage, { type: 'mail' }>;

const wait = { timeout: 5_000 };
const stops: (() => Promise<void>)[] = [];
let store: MemoryMailStore;
let key: HostKey;
beforeEach(() => {
  store = new MemoryMailStore();
  key = new HostKey();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function relay(options: Parameters<typeof relayHere>[0] = {}): Promise<Place> {
  const place = await relayHere({ mail: store, ...options });
  stops.push(place.stop);
  return place;
}

const sealed = (text: string): string => Buffer.from(text).toString('base64url');
const textOf = ({ sealed: bytes }: MailMessage): string =>
  Buffer.from(bytes, 'base64url').toString();

/** What the relay answers. */
async function leave(phone: RelayClient, text: string, mail = id()): Promise<RelayMessage> {
  phone.say({ type: 'leaveMail', id: mail, sealed: sealed(text) });
  for (;;) {
    const answer = await phone.text();
    if (answer.type === 'mailLeft' || answer.type === 'mailNotLeft') return answer;
  }
}

async function nextMail(host: RelayClient): Promise<MailMessage> {
  for (;;) {
    const message = await host.text();
    if (message.type === 'mail') return message;
  }
}

const take = (host: RelayClient, ...mail: MailMessage[]): void =>
  host.say({ type: 'mailTaken', mail: mail.map(({ device, id: name }) => ({ device, id: name })) });

/** Every mail that has come and was not looked at. */
const waiting = ({ untaken }: RelayClient): MailMessage[] =>
  untaken.texts.filter((message) => message.type === 'mail');

const pongs = ({ untaken }: RelayClient): number =>
  untaken.texts.filter(({ type }) => type === 'pong').length;

/** The relay has read all that was said, and what it said to that is here; nothing is taken. */
async function settled(client: RelayClient): Promise<void> {
  const before = pongs(client);
  client.say({ type: 'ping' });
  await expect.poll(() => pongs(client), wait).toBe(before + 1);
}

const gone = async (client: RelayClient, place: Place): Promise<void> => {
  client.end();
  await expect.poll(() => place.relay.metrics.connected.host, wait).toBe(0);
};

async function admissionOf(place: Place, admission: (nonce: string) => unknown) {
  const client = new RelayClient(place.socketUrl);
  client.say(admission(await client.nonce()));
  const told = await client.text();
  client.end();
  await client.closed;
  return told;
}

describe('who is told that mail is kept', () => {
  const admissions = async (place: Place) => {
    const phone = new DeviceKey();
    const { authority } = place;
    const offer = id();
    const host = await connectHost(place, key);
    host.say({ type: 'rendezvous', rendezvous: offer, open: true });
    await settled(host);
    const told = {
      device: await admissionOf(place, (nonce) =>
        phone.admission(nonce, authority, key.channel, key.grant(phone)),
      ),
      guest: await admissionOf(place, () => ({ type: 'guest', rendezvous: offer })),
      host: await admissionOf(place, (nonce) => key.admission(nonce, authority)),
    };
    return Object.fromEntries(
      Object.entries(told).map(([who, message]) => [who, 'mail' in message && message.mail]),
    );
  };

  test('hosts and devices are, guests are not', async () => {
    const mail = { maxAgeSec: 86_400 };
    expect(await admissions(await relay())).toEqual({ device: mail, guest: false, host: mail });
  });

  test('nobody is, where none is kept; who leaves some all the same is not heard', async () => {
    const place = await relay({ mail: null });
    expect(await admissions(place)).toEqual({ device: false, guest: false, host: false });
    const phone = await connectDevice(place, new HostKey(), new DeviceKey());
    phone.say({ type: 'leaveMail', id: id(), sealed: 'AAAA' });
    await phone.ponged();
    expect(phone.untaken.texts).toEqual([]);
  });
});

describe('a host that comes', () => {
  test('gets what was left, oldest first, once it has taken it never again', async () => {
    const place = await relay();
    const phone = await connectDevice(place, key, new DeviceKey());
    for (const text of ['one', 'two', 'three'])
      expect(await leave(phone, text)).toMatchObject({ type: 'mailLeft' });
    phone.end();
    const host = await connectHost(place, key);
    const mail = [await nextMail(host), await nextMail(host), await nextMail(host)];
    expect(mail.map(textOf)).toEqual(['one', 'two', 'three']);
    take(host, ...mail);
    await expect.poll(() => store.all, wait).toEqual([]);
    await gone(host, place);
    const again = await connectHost(place, key);
    await settled(again);
    expect({ mail: waiting(again), counts: place.relay.mail?.counts }).toMatchObject({
      mail: [],
      counts: { left: 3, handed: 3, taken: 3, dropped: 0 },
    });
  });

  test('gets again what it did not say that it has', async () => {
    const place = await relay();
    const phone = await connectDevice(place, key, new DeviceKey());
    await leave(phone, 'one');
    const host = await connectHost(place, key);
    const first = await nextMail(host);
    await gone(host, place);
    const second = await nextMail(await connectHost(place, key));
    expect(second).toEqual(first);
  });

  test('is given no more than it can be asked to hold, and the next as it takes them', async () => {
    const place = await relay();
    const phone = await connectDevice(place, key, new DeviceKey());
    const count = 2 * MAX_MAIL_UNTAKEN + 3;
    for (let at = 0; at < count; at += 1) await leave(phone, String(at));
    const host = await connectHost(place, key);
    const texts: string[] = [];
    let most = 0;
    while (texts.length < count) {
      const mail = await nextMail(host);
      await settled(host);
      most = Math.max(most, 1 + waiting(host).length);
      texts.push(textOf(mail));
      take(host, mail);
    }
    expect({ texts, most }).toEqual({
      texts: Array.from({ length: count }, (_, at) => String(at)),
      most: MAX_MAIL_UNTAKEN,
    });
  }, 15_000);

  test('is not swamped by large ones', async () => {
    const place = await relay();
    const phone = await connectDevice(place, key, new DeviceKey());
    for (let at = 0; at < 10; at += 1) await leave(phone, 'x'.repeat(32 * 1024));
    const host = await connectHost(place, key);
    const first = await nextMail(host);
    await settled(host);
    await settled(host);
    expect(waiting(host)).toHaveLength(5);
    take(host, first);
    await expect.poll(() => waiting(host).length, wait).toBe(6);
  });

  test('gets what was being written in the moment in which it came', async () => {
    const place = await relay();
    const phone = await connectDevice(place, key, new DeviceKey());
    let write: () => void = () => {};
    const written = new Promise<void>((resolve) => (write = resolve));
    store.before = async (what) => {
      if (what === 'leave') await written;
    };
    phone.say({ type: 'leaveMail', id: id(), sealed: sealed('late') });
    await phone.ponged();
    const host = await connectHost(place, key);
    await settled(host);
    expect(waiting(host)).toEqual([]);
    write();
    expect(textOf(await nextMail(host))).toBe('late');
  });

  test('gets what another node keeps after it has come', async () => {
    const clock = new RelayClock();
    const here = await relay({ clock });
    const elsewhere = await relay();
    const host = await connectHost(here, key);
    await settled(host);
    const phone = await connectDevice(elsewhere, key, new DeviceKey());
    expect(await leave(phone, 'elsewhere')).toMatchObject({ type: 'mailLeft' });
    clock.pass(2_000);
    expect(textOf(await nextMail(host))).toBe('elsewhere');
  });

  test('does not get what a revoked device left, nor what was left in an earlier epoch', async () => {
    const place = await relay();
    const [lost, kept] = [new DeviceKey(), new DeviceKey()];
    const old = await connectDevice(place, key, new DeviceKey(), 0);
    const bad = await connectDevice(place, key, lost, 1);
    const good = await connectDevice(place, key, kept, 1);
    for (let at = 0; at < MAX_MAIL_UNTAKEN; at += 1) await leave(old, 'old');
    await leave(bad, 'revoked');
    await leave(good, 'good');
    const host = await connectHost(place, key, { revoked: [lost.id], epoch: 1 });
    expect(textOf(await nextMail(host))).toBe('good');
    expect(store.all.map(({ device }) => device)).toEqual([kept.id]);
    expect(place.relay.mail?.counts.dropped).toBe(MAX_MAIL_UNTAKEN + 1);
  });

  test('gets it later where the store fails meanwhile, and no mail twice', async () => {
    const clock = new RelayClock();
    const place = await relay({ clock });
    const phone = await connectDevice(place, key, new DeviceKey());
    await leave(phone, 'one');
    await leave(phone, 'two');
    let isBroken = true;
    store.before = () => {
      if (isBroken) throw new Error('no quorum');
    };
    const host = await connectHost(place, key);
    await expect.poll(() => place.relay.mail?.counts.storeFailures, wait).toBe(1);
    isBroken = false;
    clock.pass(2_000);
    const mail = [await nextMail(host), await nextMail(host)];
    isBroken = true;
    take(host, ...mail);
    await expect.poll(() => place.relay.mail?.counts.storeFailures, wait).toBe(2);
    isBroken = false;
    clock.pass(20_000);
    await expect.poll(() => store.all, wait).toEqual([]);
    await settled(host);
    expect(waiting(host)).toEqual([]);
  });
});

describe('a device', () => {
  const because = async (phone: RelayClient, text = 'x') => {
    const answer = await leave(phone, text);
    return answer.type === 'mailNotLeft'
      ? { again: answer.again, isSure: answer.isSure, message: answer.message }
      : answer;
  };

  test('leaves nothing for a host that is here', async () => {
    const place = await relay();
    await connectHost(place, key);
    const phone = await connectDevice(place, key, new DeviceKey());
    expect(await because(phone)).toMatchObject({ again: true, isSure: true, message: /is here/ });
    expect(store.all).toEqual([]);
  });

  test('leaves the same mail once', async () => {
    const place = await relay();
    const phone = await connectDevice(place, key, new DeviceKey());
    const name = id();
    const answers = [await leave(phone, 'one', name), await leave(phone, 'one', name)];
    expect({ answers, count: store.all.length }).toEqual({
      answers: [
        { type: 'mailLeft', id: name },
        { type: 'mailLeft', id: name },
      ],
      count: 1,
    });
  });

  test('hears why none is kept, and whether it may be later', async () => {
    store = new MemoryMailStore({ maxCount: 1, maxBytes: 100 });
    const place = await relay();
    const phone = await connectDevice(place, key, new DeviceKey());
    expect(await because(phone, 'x'.repeat(101))).toMatchObject({ again: false });
    await leave(phone, 'one');
    expect(await because(phone)).toMatchObject({ again: true, isSure: true, message: /full/ });
    store.before = () => {
      throw new Error('no quorum');
    };
    expect(await because(phone)).toMatchObject({
      ...{ again: true, isSure: undefined, message: /cannot be reached/ },
    });
    expect(place.relay.mail?.counts).toMatchObject({
      left: 1,
      notLeft: { tooBig: 1, full: 1, away: 1 },
    });
  });

  test('is held to a pace of its own, also when it connects anew, and may go on later', async () => {
    const clock = new RelayClock();
    const place = await relay({ clock });
    const [fast, other] = [new DeviceKey(), new DeviceKey()];
    const phone = await connectDevice(place, key, fast);
    for (let at = 0; at < 50; at += 1) await leave(phone, String(at));
    phone.end();
    const again = await connectDevice(place, key, fast);
    expect(await because(again)).toMatchObject({
      again: true,
      isSure: true,
      message: /too much at once/,
    });
    expect(await leave(await connectDevice(place, key, other), 'x')).toMatchObject({
      type: 'mailLeft',
    });
    clock.pass(1_000);
    expect(await leave(again, 'x')).toMatchObject({ type: 'mailLeft' });
  }, 15_000);

  test('has to be one: a guest that leaves mail is sent away', async () => {
    const place = await relay();
    const offer = id();
    const host = await connectHost(place, key);
    host.say({ type: 'rendezvous', rendezvous: offer, open: true });
    await settled(host);
    const guest = await connectGuest(place, offer);
    guest.say({ type: 'leaveMail', id: id(), sealed: 'AAAA' });
    expect(await guest.text()).toMatchObject({ type: 'refused', code: 'badMessage' });
  });

  test('is sent away for what is longer than any mail', async () => {
    const place = await relay();
    const phone = await connectDevice(place, key, new DeviceKey());
    phone.say({ type: 'leaveMail', id: id(), sealed: 'A'.repeat(43_692) });
    expect(await phone.text()).toMatchObject({ type: 'refused', code: 'badMessage' });
  });
});

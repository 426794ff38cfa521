import { beforeEach, expect, test } from 'vitest';
import { Emitter } from '../../../../src/base/emitter.ts';
import type { DeviceRecord } from '../../../../src/host/devices/device-record.ts';
import type { MailWord } from '../../../../src/host/mail/mail-port.ts';
import type { NoteWord } from '../../../../src/host/notes/note-port.ts';
import type { OwnRelay, OwnRelayWish } from '../../../../src/host/relay/own-relay.ts';
import type { RelayLink, RelayLinkState } from '../../../../src/host/relay/relay-link.ts';
import { Ways } from '../../../../src/host/relay/ways.ts';
import { configSchema, type Config } from '../../../../src/protocol/config.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

/** Listens at once when it is wished for. */
class FakeOwnRelay {
  readonly changed = new Emitter<void>();
  wished: OwnRelayWish | null = null;
  problem: string | null = null;

  get url(): string | null {
    return this.wished === null ? null : `http://127.0.0.1:${this.wished.port ?? 7_000}`;
  }

  get lanUrl(): string | null {
    return this.wished?.lan == null ? null : `http://${this.wished.lan}:7000`;
  }

  wish(wish: OwnRelayWish | null): void {
    if (JSON.stringify(wish) === JSON.stringify(this.wished)) return;
    this.wished = wish;
    this.changed.emit();
  }
}

class FakeLink {
  readonly states = new Emitter<RelayLinkState>();
  readonly noteWords = new Emitter<NoteWord>();
  readonly mail = new Emitter<MailWord>();
  readonly relay: string;
  state: RelayLinkState = { kind: 'down', sinceMs: null, problem: null };
  did: string[] = [];
  heardAgoMs: number | null = null;
  readonly comesUp: boolean;

  constructor(relay: string, comesUp: boolean) {
    this.relay = relay;
    this.comesUp = comesUp;
  }

  start(): void {
    if (this.comesUp) queueMicrotask(() => this.set({ kind: 'up', sinceMs: 1_000 }));
  }

  set(state: RelayLinkState): void {
    this.state = state;
    this.states.emit(state);
  }

  stop = () => this.did.push('stop');
  revoke = () => this.did.push('revoke');
  probe = () => this.did.push('probe');
  openRendezvous = () => () => this.did.push('closed');
}

let timers: FakeTimers;
let own: FakeOwnRelay;
let links: FakeLink[];
let config: Config;
let devices: Pick<DeviceRecord, 'relay' | 'via'>[];
let lan: string | null;
let ways: Ways;
let comesUp: boolean;
beforeEach(() => {
  timers = new FakeTimers();
  own = new FakeOwnRelay();
  links = [];
  config = configSchema.parse({});
  devices = [];
  lan = '192.168.1.2';
  comesUp = true;
  ways = new Ways({
    // Only what is looked at here.
    book: { all: () => devices as DeviceRecord[] },
    config: () => config,
    own: own as unknown as OwnRelay,
    link: (relay) => {
      const link = new FakeLink(relay, comesUp);
      links.push(link);
      return link as unknown as RelayLink;
    },
    lanAddress: () => lan,
    timers,
  });
});

const relays = () => links.filter(({ did }) => !did.includes('stop')).map(({ relay }) => relay);
const wanted = { lan: false };

test('without a device and an offer there is no way; with a device there is one, and none after it', () => {
  ways.sync();
  const before = [ways.status(), own.wished];
  devices = [{ relay: 'own', via: 'relay' }];
  ways.sync();
  ways.sync();
  const during = [relays(), own.wished];
  devices = [];
  ways.sync();
  expect([before, during, relays(), own.wished]).toEqual([
    [{ url: null, own: false, connected: false, since: null, lanUrl: null, problem: null }, null],
    [['http://127.0.0.1:7000'], { port: null, lan: null, names: [] }],
    [],
    null,
  ]);
});

test('an offer shows what config.json says at that moment, and is let go of once', async () => {
  const plain = await ways.open(wanted);
  config = configSchema.parse({
    relay: { publicUrl: 'https://box.example/', page: 'https://app.example/', port: 7_410 },
  });
  ways.sync();
  const proxied = await ways.open(wanted);
  config = configSchema.parse({ relay: { url: 'https://relay.example/' } });
  const elsewhere = await ways.open(wanted);
  const named = await ways.open({ relay: 'http://localhost:9/', lan: false });
  const faces = [plain, proxied, elsewhere, named].map(({ relay, page, reach }) => [
    relay,
    page,
    reach,
  ]);
  expect(faces).toEqual([
    ['http://127.0.0.1:7000', 'http://127.0.0.1:7000', 'machine'],
    ['https://box.example', 'https://app.example', 'anywhere'],
    ['https://relay.example', 'https://relay.example', 'anywhere'],
    ['http://localhost:9', 'http://localhost:9', 'machine'],
  ]);
  for (const way of [plain, proxied, elsewhere, named, named]) way.close();
  expect([relays(), own.wished]).toEqual([[], null]);
});

test('the local network is opened for an offer that asks for it, and stays for its devices', async () => {
  const way = await ways.open({ lan: true });
  expect([way.relay, way.page, way.reach, own.wished?.lan]).toEqual([
    'http://192.168.1.2:7000',
    'http://192.168.1.2:7000',
    'lan',
    '192.168.1.2',
  ]);
  devices = [{ relay: 'own', via: 'lan' }];
  way.close();
  expect(own.lanUrl).toBe('http://192.168.1.2:7000');
  // Another network, another address.
  lan = '10.0.0.9';
  timers.advance(30_000);
  expect(own.lanUrl).toBe('http://10.0.0.9:7000');
  lan = null;
  await expect(ways.open({ lan: true })).rejects.toThrow('on no local network');
  await expect(ways.open({ lan: true, relay: 'https://x.example' })).rejects.toThrow('no other');
});

test('each relay of the devices has its link, at most four, those of offers first', async () => {
  devices = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    relay: `https://${name}.example`,
    via: 'relay',
  }));
  ways.sync();
  const before = relays();
  const way = await ways.open({ relay: 'https://z.example', lan: false });
  expect([before, relays().sort()]).toEqual([
    ['https://e.example', 'https://d.example', 'https://c.example', 'https://b.example'],
    ['https://c.example', 'https://d.example', 'https://e.example', 'https://z.example'],
  ]);
  way.close();
  ways.revoke();
  expect(links.filter(({ did }) => did.at(-1) === 'revoke').length).toBe(4);
});

test('a relay is known again by each of its own addresses', async () => {
  config = configSchema.parse({ relay: { publicUrl: 'https://box.example' } });
  await ways.open({ lan: true });
  expect(
    [
      'https://box.example/',
      'http://127.0.0.1:7000',
      'http://192.168.1.2:7000',
      'https://other.example/',
    ].map((relay) => ways.targetOf(relay)),
  ).toEqual(['own', 'own', 'own', 'https://other.example']);
  expect(own.wished?.names).toEqual(['box.example']);
});

test('a changed port is dialled anew', () => {
  devices = [{ relay: 'own', via: 'relay' }];
  ways.sync();
  config = configSchema.parse({ relay: { port: 7_001 } });
  ways.sync();
  expect([relays(), links[0]?.did]).toEqual([['http://127.0.0.1:7001'], ['stop']]);
});

test('a loss is told when it has lasted, and the offer hears of it at once', async () => {
  const way = await ways.open(wanted);
  const heard: (string | null)[] = [];
  way.onTrouble((words) => heard.push(words));
  const [link] = links;
  link?.set({ kind: 'down', sinceMs: timers.nowMs(), problem: 'connect ECONNREFUSED' });
  const at = [ways.problem(), ways.status().problem];
  timers.advance(60_000);
  const later = ways.problem();
  link?.set({ kind: 'up', sinceMs: timers.nowMs() });
  expect([at, later, heard, ways.problem()]).toEqual([
    [null, 'the relay of this machine: connect ECONNREFUSED'],
    'No device can connect: the relay of this machine: connect ECONNREFUSED.',
    ['the relay of this machine: connect ECONNREFUSED', null],
    null,
  ]);
});

test('an address that is none of a relay is refused', async () => {
  await expect(ways.open({ relay: 'ftp://x.example', lan: false })).rejects.toThrow('https://');
});

test('how long ago devices could reach this host is told by the relay that was heard longest ago', async () => {
  expect(ways.heardAgoMs()).toBe(0);
  devices = [
    { relay: 'own', via: 'relay' },
    { relay: 'https://relay.example', via: 'relay' },
  ];
  ways.sync();
  await Promise.resolve();
  const [first, second] = links;
  if (first === undefined || second === undefined) throw new Error('two links');
  [first.heardAgoMs, second.heardAgoMs] = [3_000, 9_000];
  expect(ways.heardAgoMs()).toBe(9_000);
  first.heardAgoMs = null;
  expect(ways.heardAgoMs()).toBeNull();
});

test('a device on the local network finds no way in while this machine is on none', () => {
  devices = [{ relay: 'own', via: 'lan' }];
  ways.sync();
  for (const link of links) link.heardAgoMs = 1_000;
  expect([ways.heardAgoMs(), ways.publicUrl()]).toEqual([1_000, null]);
  lan = null;
  ways.sync();
  expect(ways.heardAgoMs()).toBeNull();
});

test('where devices come in from elsewhere matters where one of them does', () => {
  config = configSchema.parse({ relay: { publicUrl: 'https://me.example' } });
  expect(ways.publicUrl()).toBeNull();
  devices = [{ relay: 'own', via: 'relay' }];
  expect(ways.publicUrl()).toBe('https://me.example');
});

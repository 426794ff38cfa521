import { beforeEach, expect, test } from 'vitest';
import { silentLogger } from '../../../../src/base/log.ts';
import type { FramePipe } from '../../../../src/connection/sealed/frame-pipe.ts';
import { RelayLink } from '../../../../src/host/relay/relay-link.ts';
import {
  authorityOf,
  socketUrl,
  type RelaySocketEvents,
} from '../../../../src/host/relay/relay-socket.ts';
import {
  CLOSE_REPLACED,
  deviceIdSchema,
  rendezvousIdSchema,
  type RelayMessage,
} from '../../../../src/protocol/relay.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';

const bytes = (length: number, byte: number) => Buffer.alloc(length, byte).toString('base64url');
const phone = deviceIdSchema.parse(bytes(16, 1));
const offer = rendezvousIdSchema.parse(bytes(16, 2));

interface Dialled {
  readonly on: RelaySocketEvents;
  readonly sent: unknown[];
  state: 'open' | 'left' | 'ended';
}

let timers: FakeTimers;
let dialled: Dialled[];
let devices: { id: string; pipe: FramePipe }[];
let link: RelayLink;
beforeEach(() => {
  timers = new FakeTimers();
  dialled = [];
  devices = [];
  link = new RelayLink({
    relay: 'https://relay.example/base',
    keys: { relayKey: bytes(32, 3), prove: (nonce, authority) => `${nonce} ${authority}` },
    revocations: () => ({ revoked: [phone], epoch: 7 }),
    onDevice: (id, pipe) => void devices.push({ id, pipe }),
    dial: (_, on) => {
      const socket: Dialled = { on, sent: [], state: 'open' };
      dialled.push(socket);
      return {
        send: (data, sent) => {
          socket.sent.push(typeof data === 'string' ? JSON.parse(data) : [...data]);
          sent?.();
        },
        leave: () => (socket.state = 'left'),
        end: () => {
          socket.state = 'ended';
          on.closed(null, '');
        },
      };
    },
    random: () => 0.5,
    ...{ timers, logger: silentLogger, maxRetryMs: 30_000 },
  });
  link.start();
});

const socket = (): Dialled => {
  const last = dialled.at(-1);
  if (last === undefined) throw new Error('not dialled');
  return last;
};
function say(message: RelayMessage): void {
  socket().on.heard();
  socket().on.text(JSON.stringify(message));
}
function admit(): void {
  say({ type: 'challenge', nonce: bytes(32, 9) });
  say({ type: 'admitted', host: true });
}
const opened = (slot: number, rest: object = { device: phone, rendezvous: null }) =>
  say({ type: 'opened', slot, ...rest } as RelayMessage);
const cargo = (slot: number, ...body: number[]) =>
  socket().on.cargo(Buffer.from([0, 0, 0, slot, ...body]));

test('addresses are dialled below their path, and proofs name the authority alone', () => {
  expect([
    socketUrl('https://relay.example/base/'),
    socketUrl('http://127.0.0.1:7410'),
    authorityOf('https://relay.example/base'),
    authorityOf('http://[::1]:7410'),
  ]).toEqual([
    'wss://relay.example/base/v1/connect',
    'ws://127.0.0.1:7410/v1/connect',
    'relay.example',
    '[::1]:7410',
  ]);
});

test('it proves its key for this relay, names whom it has revoked, and is up once admitted', () => {
  expect(link.state.kind).toBe('down');
  admit();
  expect([socket().sent, link.state.kind]).toEqual([
    [
      {
        type: 'host',
        key: bytes(32, 3),
        authority: 'relay.example',
        signature: `${bytes(32, 9)} relay.example`,
        revoked: [phone],
        epoch: 7,
      },
    ],
    'up',
  ]);
});

test('a slot is a pipe of its own, both ways, until either side ends it', () => {
  admit();
  opened(5);
  opened(6);
  const [first, second] = devices;
  const heard: unknown[] = [];
  first?.pipe.start({
    frame: (frame) => heard.push([...frame]),
    close: (reason) => heard.push(reason),
  });
  cargo(5, 1, 2);
  cargo(99, 3);
  first?.pipe.send(new Uint8Array([7, 8]));
  say({ type: 'closed', slot: 5 });
  first?.pipe.send(new Uint8Array([9]));
  second?.pipe.close('x'.repeat(200));
  expect([heard, socket().sent.slice(1)]).toEqual([
    [[1, 2], 'the device is gone'],
    [[0, 0, 0, 5, 7, 8], { type: 'close', slot: 6, reason: 'x'.repeat(100) }],
  ]);
});

test('a connection that is gone without a word is noticed within 15 s, and one that answers stays', () => {
  admit();
  const upAtMs = timers.nowMs();
  opened(5);
  timers.advance(6_000);
  expect(socket().sent.at(-1)).toEqual({ type: 'ping' });
  timers.advance(3_000);
  say({ type: 'pong' });
  const answeredAtMs = timers.nowMs();
  timers.advance(3_999);
  expect(link.state.kind).toBe('up');
  while (link.state.kind === 'up') timers.advance(100);
  expect(timers.nowMs() - answeredAtMs).toBeLessThanOrEqual(15_000);
  expect([upAtMs < answeredAtMs, dialled[0]?.state]).toEqual([true, 'ended']);
});

test('after a loss it comes back with growing pauses, and at once when it is asked to look', () => {
  const pauses: number[] = [];
  for (let n = 0; n < 8; n += 1) {
    socket().on.closed(null, 'connect ECONNREFUSED');
    pauses.push(timers.pendingMs[0] ?? -1);
    timers.advance(timers.pendingMs[0] ?? 0);
  }
  expect(pauses).toEqual([188, 375, 750, 1_500, 3_000, 6_000, 12_000, 22_500]);
  socket().on.closed(null, 'connect ECONNREFUSED');
  const before = dialled.length;
  link.probe();
  expect([dialled.length - before, link.state]).toEqual([
    1,
    expect.objectContaining({ kind: 'down', problem: 'connect ECONNREFUSED' }),
  ]);
});

test('a relay that never answers is given up and tried again', () => {
  timers.advance(10_000);
  expect(link.state).toMatchObject({ kind: 'down', problem: 'it does not answer' });
});

test('a refusal, and another host with the same keys, are told in words and not hammered', () => {
  say({ type: 'challenge', nonce: bytes(32, 9) });
  say({ type: 'refused', code: 'badProof', message: 'the signature is wrong' });
  socket().on.closed(4401, '');
  const refused = [link.state, timers.pendingMs];
  timers.advance(30_000);
  admit();
  opened(1);
  const lost: string[] = [];
  devices[0]?.pipe.start({ frame: () => {}, close: (reason) => lost.push(reason) });
  socket().on.closed(CLOSE_REPLACED, '');
  expect([refused, link.state, timers.pendingMs, lost]).toEqual([
    [
      expect.objectContaining({ problem: 'it refuses this host: the signature is wrong' }),
      [30_000],
    ],
    expect.objectContaining({ problem: expect.stringContaining('was this home copied?') }),
    [30_000],
    ['the relay is gone'],
  ]);
});

test('an offer is open at the relay, and again after a reconnect for as long as is left', () => {
  const guests: FramePipe[] = [];
  const close = link.openRendezvous(offer, 120, (pipe) => guests.push(pipe));
  admit();
  timers.advance(5_500);
  socket().on.closed(null, 'lost');
  timers.advance(timers.pendingMs[0] ?? 0);
  admit();
  opened(3, { device: null, rendezvous: offer });
  opened(4, { device: null, rendezvous: bytes(16, 8) });
  close();
  close();
  opened(5, { device: null, rendezvous: offer });
  expect([guests.length, dialled.map(({ sent }) => sent.slice(1))]).toEqual([
    1,
    [
      [{ type: 'rendezvous', rendezvous: offer, open: true, seconds: 120 }],
      [
        { type: 'rendezvous', rendezvous: offer, open: true, seconds: 115 },
        { type: 'close', slot: 4, reason: 'this offer is over' },
        { type: 'rendezvous', rendezvous: offer, open: false, seconds: 1 },
        { type: 'close', slot: 5, reason: 'this offer is over' },
      ],
    ],
  ]);
});

test('there are only so many slots, and a frame that is too large ends its slot alone', () => {
  admit();
  for (let slot = 1; slot <= 301; slot += 1) opened(slot);
  const [first] = devices;
  const lost: string[] = [];
  first?.pipe.start({ frame: () => {}, close: (reason) => lost.push(reason) });
  socket().on.cargo(Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.alloc(65_536)]));
  expect([devices.length, lost, socket().sent.slice(1)]).toEqual([
    300,
    ['a frame is too large'],
    [
      { type: 'close', slot: 301, reason: 'this host has too many connections' },
      { type: 'close', slot: 1, reason: 'a frame is too large' },
    ],
  ]);
});

test('what a relay says that is no message of ours is passed over', () => {
  admit();
  socket().on.text('{"type":"news"}');
  socket().on.text('nonsense');
  socket().on.cargo(Buffer.from([1]));
  expect(link.state.kind).toBe('up');
});

test('told to stop it leaves, drops its slots, and hears nothing more', () => {
  admit();
  opened(1);
  const lost: string[] = [];
  devices[0]?.pipe.start({ frame: () => {}, close: (reason) => lost.push(reason) });
  link.revoke();
  link.stop('bye');
  socket().on.closed(1000, '');
  opened(2);
  expect([lost, devices.length, dialled.length, timers.pendingMs, socket().state]).toEqual([
    ['bye'],
    1,
    1,
    [],
    'left',
  ]);
  expect(socket().sent.at(-1)).toEqual({ type: 'revoke', revoked: [phone], epoch: 7 });
});

const SINCE = '2026-11-21T14:02:00.000Z';
const told = ({ sent }: Dialled) => (sent as { type?: string }[]).map(({ type }) => type);

test('before a sleep it says so, waits until that has arrived, and leaves; on waking it dials at once', async () => {
  admit();
  opened(1);
  const lost: string[] = [];
  devices[0]?.pipe.start({ frame: () => {}, close: (reason) => lost.push(reason) });
  const asleep = link.sleep(SINCE, 1_000);
  expect([socket().sent.slice(1), socket().state, link.state.kind]).toEqual([
    [{ type: 'sleeping', since: SINCE }, { type: 'ping' }],
    'open',
    'up',
  ]);
  say({ type: 'pong' });
  await asleep;
  const [before] = dialled;
  expect([before?.state, lost, link.state, timers.pendingMs]).toEqual([
    'left',
    ['the machine sleeps'],
    expect.objectContaining({ kind: 'down', problem: null }),
    [],
  ]);
  // What its own close brings, and a look in the middle, wake nobody.
  before?.on.closed(1000, '');
  link.probe();
  await link.sleep(SINCE, 1_000);
  timers.advance(3_600_000);
  expect(dialled.length).toBe(1);
  link.wake();
  link.wake();
  expect(dialled.length).toBe(2);
  admit();
  expect(link.state.kind).toBe('up');
});

test('a relay that does not answer, or closes over a word that it does not know, delays no sleep and is not dialled in it', async () => {
  admit();
  const silent = link.sleep(SINCE, 1_000);
  timers.advance(1_000);
  await silent;
  expect(socket().state).toBe('left');
  link.wake();
  admit();
  const older = link.sleep(SINCE, 1_000);
  say({ type: 'refused', code: 'badMessage', message: 'no such word' });
  socket().on.closed(4401, '');
  await older;
  timers.advance(3_600_000);
  expect([dialled.length, link.state]).toEqual([2, expect.objectContaining({ problem: null })]);
  link.wake();
  expect(dialled.length).toBe(3);
});

test('a sleep that is called off while the relay is being told has it admit this host anew', async () => {
  admit();
  const asleep = link.sleep(SINCE, 1_000);
  link.wake();
  expect(dialled.map(({ state }) => state)).toEqual(['left', 'open']);
  admit();
  timers.advance(1_000);
  await asleep;
  expect([link.state.kind, dialled.length, told(socket())]).toEqual(['up', 2, ['host']]);
});

test('after an unannounced sleep a relay that does not answer is dialled anew within 3 s, a dial under way at once', () => {
  admit();
  link.probe();
  timers.advance(2_500);
  timers.advance(400);
  expect([dialled.map(({ state }) => state)]).toEqual([['ended', 'open']]);
  link.probe();
  expect(dialled).toHaveLength(2);
  timers.advance(1_000);
  link.probe();
  expect(dialled.map(({ state }) => state)).toEqual(['ended', 'left', 'open']);
});

test('tells how long ago the relay was heard, and nothing while it is not there', () => {
  expect(link.heardAgoMs).toBeNull();
  say({ type: 'challenge', nonce: bytes(32, 9) });
  say({ type: 'admitted', host: true });
  timers.advance(4_000);
  expect(link.heardAgoMs).toBe(4_000);
  socket().on.heard();
  expect(link.heardAgoMs).toBe(0);
  socket().on.closed(null, '');
  expect(link.heardAgoMs).toBeNull();
});

test.each([1012, 1001])('sent away with %i it dials again soon, and counts no failure', (code) => {
  admit();
  socket().on.closed(code, 'This relay stops.');
  expect([link.state, timers.pendingMs]).toMatchObject([
    { kind: 'down', problem: 'This relay stops.' },
    [300],
  ]);
  timers.advance(300);
  admit();
  // Not settled yet: the first failure.
  socket().on.closed(code, 'This relay stops.');
  expect(timers.pendingMs).toEqual([188]);
});

test('a relay that is busy is tried again as after any loss', () => {
  say({ type: 'challenge', nonce: bytes(32, 9) });
  say({ type: 'refused', code: 'busy', message: 'too many' });
  socket().on.closed(4429, 'too many');
  expect(timers.pendingMs).toEqual([188]);
});

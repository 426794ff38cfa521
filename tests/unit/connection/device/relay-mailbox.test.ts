import { beforeEach, expect, test } from 'vitest';
import { fromBase64url } from '../../../../src/base/base64url.ts';
import type { OutboxEntry } from '../../../../src/connection/device/ports.ts';
import type { RelayLine } from '../../../../src/connection/device/relay-line.ts';
import { AWAY_FOR_MS, RelayMailbox } from '../../../../src/connection/device/relay-mailbox.ts';
import { openMail } from '../../../../src/connection/sealed/mail.ts';
import {
  channelIdSchema,
  grantSchema,
  type GuestControl,
  type MailId,
} from '../../../../src/protocol/relay.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { newCommandId } from '../../../integration/support/host-under-test.ts';
import { primitives } from '../../../support/device-identity.ts';
import { settle } from './support.ts';

const bytes = (length: number, byte: number) => Buffer.alloc(length, byte).toString('base64url');
const channel = channelIdSchema.parse(bytes(16, 1));
const host = primitives.generateKeyPair();
const own = primitives.generateKeyPair();
const psk = primitives.randomBytes(32);
const grant = grantSchema.parse({
  ...{ hostKey: bytes(32, 2), device: bytes(16, 3), deviceKey: bytes(65, 4), epoch: 5 },
  signature: bytes(64, 6),
});

let timers: FakeTimers;
let said: Extract<GuestControl, { type: 'leaveMail' }>[];
let line: RelayLine;
let mailbox: RelayMailbox;
let opens: boolean[];
beforeEach(() => {
  timers = new FakeTimers();
  said = [];
  opens = [];
  // As much of a line as a mailbox uses.
  line = { say: (control: GuestControl) => said.push(control as never) } as unknown as RelayLine;
  mailbox = new RelayMailbox({
    ...{ channel, primitives, timers },
    keys: { grant, hostKey: host.publicKey, sealing: own, rootPsk: () => Promise.resolve(psk) },
  });
  mailbox.changed.on(() => opens.push(mailbox.maxAgeMs !== null));
});

function entry(prompt = 'hello'): OutboxEntry {
  const commandId = newCommandId();
  const params = { commandId, sessionId: 's_000000000001', prompt };
  return { commandId, method: 'session.send', params, madeAtMs: 1_000 };
}

const openUp = (): void => {
  mailbox.admitted(line, false, 60);
  timers.advance(AWAY_FOR_MS);
};

test('opens when the host has been away for a moment, and closes when it comes or the line goes', () => {
  mailbox.admitted(line, false, 60);
  timers.advance(AWAY_FOR_MS - 1);
  expect(mailbox.maxAgeMs).toBeNull();
  timers.advance(1);
  expect(mailbox.maxAgeMs).toBe(60_000);
  mailbox.host(true);
  mailbox.host(false);
  timers.advance(AWAY_FOR_MS);
  mailbox.closed();
  timers.advance(AWAY_FOR_MS);
  expect(opens).toEqual([true, false, true, false]);
});

test('stays closed at a relay that keeps no mail', () => {
  mailbox.admitted(line, false, null);
  timers.advance(AWAY_FOR_MS);
  mailbox.host(false);
  timers.advance(AWAY_FOR_MS);
  expect([mailbox.maxAgeMs, opens]).toEqual([null, []]);
});

test('leaves what only the host can open', async () => {
  openUp();
  const sent = entry();
  const id = mailbox.newId();
  const outcome = mailbox.leave(sent, id);
  await expect.poll(() => said.length).toBe(1);
  const sealed = said[0]?.sealed ?? '';
  mailbox.answered({ type: 'mailLeft', id });
  expect(await outcome).toBe('left');
  const name = { channel, device: grant.device, id, epoch: 5 };
  const keys = { own: host, remote: own.publicKey, psk, primitives };
  expect(await openMail(fromBase64url(sealed) ?? new Uint8Array(), name, keys)).toEqual({
    ...sent,
    sealedAtMs: timers.nowMs(),
  });
});

test.each([
  [{ again: true, isSure: true }, 'later'],
  [{ again: false }, 'tooBig'],
] as const)('hears %o as %s', async (answer, expected) => {
  openUp();
  const id = mailbox.newId();
  const outcome = mailbox.leave(entry(), id);
  await expect.poll(() => said.length).toBe(1);
  const another = mailbox.newId();
  mailbox.answered({
    ...{ type: 'mailNotLeft', id: another, again: true, isSure: true },
    message: 'another',
  });
  mailbox.answered({ type: 'mailNotLeft', id, ...answer, message: 'no' });
  expect(await outcome).toBe(expected);
});

test('does not ask the relay about what is too long for any', async () => {
  openUp();
  expect(await mailbox.leave(entry('x'.repeat(40_000)), mailbox.newId())).toBe('tooBig');
  expect(said).toEqual([]);
});

test.each([
  ['no answer comes', () => timers.advance(20_000)],
  [
    'the relay is not sure that it did not keep it',
    (id: MailId) =>
      mailbox.answered({ type: 'mailNotLeft', id, again: true, message: 'The mailbox is away.' }),
  ],
  ['the host comes', () => mailbox.host(true)],
  ['the line goes', () => mailbox.closed()],
])('does not know what became of a mail when %s', async (_, happens) => {
  openUp();
  const id = mailbox.newId();
  const outcome = mailbox.leave(entry(), id);
  outcome.catch(() => {});
  await expect.poll(() => said.length).toBe(1);
  happens(id);
  await expect(outcome).rejects.toThrow('did not say');
});

test('leaves nothing where the host came while it was sealed', async () => {
  openUp();
  const outcome = mailbox.leave(entry(), mailbox.newId());
  mailbox.host(true);
  await settle();
  expect([await outcome, said]).toEqual(['later', []]);
});

test('each mail has a name of its own', () => {
  const names = new Set(Array.from({ length: 100 }, () => mailbox.newId()));
  expect(names.size).toBe(100);
});

import { expect, test } from 'vitest';
import { toBase64url } from '../../src/base/base64url.ts';
import { initiatePairing } from '../../src/connection/sealed/open.ts';
import { utf8 } from '../../src/crypto/bytes.ts';
import { noblePrimitives } from '../../src/crypto/noble-primitives.ts';
import { prologueOf } from '../../src/crypto/prologue.ts';
import { rootPsk } from '../../src/crypto/root-psk.ts';
import { shortCode } from '../../src/crypto/sas.ts';
import { sealGuestWith } from '../../src/host/pairing/seal-guest.ts';
import { decodeOffer } from '../../src/protocol/offer.ts';
import {
  pairingResultSchema,
  pairingWelcomeSchema,
  type Offer,
  type PairingResult,
} from '../../src/protocol/pairing.ts';
import { pipePair, type Meddler } from '../fakes/pipe-pair.ts';
import { PairingBench } from '../unit/host/pairing/pairing-bench.ts';

// The host's pairing and a guest's, both with the real handshake, over a wire in memory.

interface Guest {
  readonly device: ReturnType<typeof pipePair>['device'];
  readonly key: Uint8Array;
  digits: string | null;
  psk: Uint8Array | null;
  welcome: string | null;
  result: PairingResult | null;
  closed: string | null;
  say(value: unknown): void;
}

/** What a phone does, by the book: handshake, digits, `here`, and then the result. */
function scan(
  bench: PairingBench,
  offer: Offer,
  given: { meddle?: Meddler; isSilent?: boolean } = {},
): Guest {
  const { device, host } = pipePair();
  if (given.meddle !== undefined) device.meddle = given.meddle;
  const own = noblePrimitives.generateKeyPair();
  const hello = {
    name: 'Pixel 9',
    signingKey: toBase64url(new Uint8Array(65).fill(4)),
    version: '1',
  };
  const sealed = initiatePairing({
    pipe: device,
    own,
    remote: offer.hostKey,
    psk: offer.secret,
    prologue: prologueOf('pairing', offer.rendezvous),
    payload: utf8(JSON.stringify(hello)),
    primitives: noblePrimitives,
  });
  const guest: Guest = {
    ...{ device, key: own.publicKey, digits: null, psk: null },
    ...{ welcome: null, result: null, closed: null },
    say: (value) => sealed.send(JSON.stringify(value)),
  };
  sealed.opened.then(
    ({ payload, secret, hash }) => {
      const welcome: unknown = JSON.parse(new TextDecoder().decode(payload));
      guest.welcome = pairingWelcomeSchema.parse(welcome).hostName;
      guest.psk = rootPsk(noblePrimitives, offer.secret, hash);
      guest.digits = shortCode(secret);
      if (given.isSilent !== true) guest.say({ type: 'here' });
    },
    () => {},
  );
  sealed.start({
    message: (text) => (guest.result = pairingResultSchema.parse(JSON.parse(text))),
    close: (reason) => (guest.closed = reason),
  });
  bench.onGuest?.(host);
  return guest;
}

function bench(): PairingBench {
  const own = noblePrimitives.generateKeyPair();
  return new PairingBench({ seal: sealGuestWith(noblePrimitives), own });
}

async function until(isSo: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!isSo()) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('both sides show the same digits and keep the same key, which nobody sent', async () => {
  const host = bench();
  const guest = scan(host, decodeOffer(await host.offer()));
  await until(() => host.pairing.state.phase === 'candidate');
  const state = host.pairing.state;
  const digits = state.phase === 'candidate' ? state.digits : null;
  expect([guest.digits, guest.welcome]).toEqual([digits, 'porch']);
  host.pairing.confirm(digits ?? '', 'operator');
  await until(() => guest.closed !== null);
  expect(guest.result).toMatchObject({ type: 'paired', device: { role: 'operator' } });
  expect(host.added).toMatchObject([
    { publicKey: guest.key, rootPsk: guest.psk, role: 'operator', name: 'Pixel 9' },
  ]);
});

test('other digits end it on both sides', async () => {
  const host = bench();
  const guest = scan(host, decodeOffer(await host.offer()));
  await until(() => host.pairing.state.phase === 'candidate');
  const wrong = guest.digits === '000000' ? '000001' : '000000';
  expect(() => host.pairing.confirm(wrong, undefined)).toThrow('not the digits');
  await until(() => guest.closed !== null);
  expect([guest.result, host.added]).toEqual([
    { type: 'refused', why: 'refused', message: expect.stringContaining('Other digits') },
    [],
  ]);
});

test.each([
  ['another secret', (offer: Offer) => ({ ...offer, secret: new Uint8Array(32) })],
  [
    'another host key',
    (offer: Offer) => ({ ...offer, hostKey: noblePrimitives.generateKeyPair().publicKey }),
  ],
])('a guest with %s is refused at its first message, and the code is void', async (_, changed) => {
  const host = bench();
  const guest = scan(host, changed(decodeOffer(await host.offer())));
  await until(() => guest.closed !== null);
  expect([host.phases, host.pairing.state, guest.result]).toEqual([
    ['offered', 'ended failed'],
    expect.objectContaining({ message: expect.stringContaining('does not know this code') }),
    null,
  ]);
});

test('any bit that is flipped in the first message is a wrong code', async () => {
  for (const at of [0, 31, 40, 79, 100]) {
    const host = bench();
    const meddle: Meddler = (frame, index) => {
      if (index === 0) frame[at] = (frame[at] ?? 0) ^ 1;
      return [frame];
    };
    scan(host, decodeOffer(await host.offer()), { meddle });
    await until(() => host.pairing.state.phase === 'ended');
    expect(host.phases, String(at)).toEqual(['offered', 'ended failed']);
  }
});

test('a recorded first message, played again, gets an answer and nothing more', async () => {
  const host = bench();
  const offer = decodeOffer(await host.offer());
  const first = scan(host, offer, { isSilent: true });
  await until(() => first.digits !== null);
  first.device.close('gone');
  await new Promise((resolve) => setImmediate(resolve));
  const replay = pipePair();
  host.onGuest?.(replay.host);
  replay.device.send(first.device.sent[0] ?? new Uint8Array());
  await until(() => replay.host.sent.length === 1);
  expect(host.pairing.state.phase).toBe('offered');
  replay.device.close('gone');
  await until(() => replay.host.closedBecause !== null);
  await new Promise((resolve) => setImmediate(resolve));
  const phone = scan(host, offer);
  await until(() => host.pairing.state.phase === 'candidate');
  expect(phone.digits).not.toBe(first.digits);
});

test('the person at the phone says that the digits differ', async () => {
  const host = bench();
  const guest = scan(host, decodeOffer(await host.offer()));
  await until(() => host.pairing.state.phase === 'candidate');
  guest.say({ type: 'leave', why: 'mismatch' });
  await until(() => host.pairing.state.phase === 'ended');
  expect(host.phases.at(-1)).toBe('ended mismatch');
});

test('a guest that dials and says nothing is no failure', async () => {
  const host = bench();
  await host.offer();
  const { device, host: end } = pipePair();
  host.onGuest?.(end);
  device.close('the page was closed');
  await until(() => end.closedBecause !== null);
  expect(host.phases).toEqual(['offered']);
});

import { expect, test } from 'vitest';
import { toBase64url } from '../../../../src/base/base64url.ts';
import { pairAsGuest } from '../../../../src/connection/device/pair-as-guest.ts';
import { respondPairing } from '../../../../src/connection/sealed/open.ts';
import { prologueOf } from '../../../../src/crypto/prologue.ts';
import { rootPsk } from '../../../../src/crypto/root-psk.ts';
import { shortCode } from '../../../../src/crypto/sas.ts';
import { rendezvousIdSchema } from '../../../../src/protocol/relay.ts';
import { FakeRelay } from '../../../fakes/fake-relay.ts';
import { FakeTimers } from '../../../fakes/fake-timers.ts';
import { DeviceIdentity, primitives } from '../../../support/device-identity.ts';
import { settle } from './support.ts';

/** The phone's side against what a host does, without the host. */
function setUp({ secretOfHost }: { secretOfHost?: Uint8Array } = {}) {
  const relay = new FakeRelay();
  const timers = new FakeTimers();
  const own = primitives.generateKeyPair();
  const identity = new DeviceIdentity();
  const secret = primitives.randomBytes(32);
  const rendezvous = rendezvousIdSchema.parse(toBase64url(primitives.randomBytes(16)));
  const host = { hello: '', heard: [] as string[], digits: '', psk: primitives.randomBytes(0) };
  let tell: (result: unknown) => void = () => {};
  let close: () => void = () => {};
  relay.onSlot = (pipe) => {
    const transport = respondPairing({
      ...{ pipe, own, primitives, psk: secretOfHost ?? secret },
      prologue: prologueOf('pairing', rendezvous),
      answer: ({ payload }) => {
        host.hello = new TextDecoder().decode(payload);
        return new TextEncoder().encode('{"hostName":"Den","version":"9","newer":true}');
      },
    });
    tell = (result) => transport.send(JSON.stringify(result));
    close = () => transport.close('done');
    transport.opened.then(
      (opened) => {
        host.digits = shortCode(opened.secret);
        host.psk = rootPsk(primitives, secret, opened.hash);
      },
      () => {},
    );
    transport.start({ message: (text) => host.heard.push(text), close: () => {} });
  };
  const pairing = pairAsGuest({
    offer: {
      ...{ relay: 'http://relay.test', rendezvous, hostKey: own.publicKey, secret },
      expiresAt: 0,
    },
    name: 'Pixel 9',
    version: '1',
    sealing: identity.sealing(),
    signingKey: identity.signingKey,
    network: { socket: relay.socket },
    primitives,
    timers,
  });
  const grant = {
    hostKey: toBase64url(new Uint8Array(32)),
    device: toBase64url(new Uint8Array(16)),
    deviceKey: toBase64url(identity.signingKey),
    epoch: 0,
    signature: toBase64url(new Uint8Array(64)),
  };
  const result = {
    ...{ type: 'paired', hostId: 'id', hostName: 'Den', relay: 'http://relay.test', grant },
    device: { id: grant.device, name: 'Pixel 9', role: 'approver' },
  };
  return {
    ...{ relay, timers, pairing, host, identity, own, result },
    tell: (message: unknown) => tell(message),
    close: () => close(),
  };
}

test('both sides have the same digits and the same key, and the device keeps all it needs', async () => {
  const { pairing, host, tell, close, identity, own, result } = setUp();
  const met = await pairing.met;
  await settle();
  expect(met).toEqual({ digits: host.digits, hostName: 'Den' });
  expect(JSON.parse(host.hello)).toEqual({
    name: 'Pixel 9',
    version: '1',
    signingKey: toBase64url(identity.signingKey),
  });
  expect(host.heard).toEqual(['{"type":"here"}']);
  // A newer host may say more on the way.
  tell({ type: 'weather' });
  tell(result);
  close();
  const { type: _type, ...kept } = result;
  expect(await pairing.outcome).toEqual({
    kind: 'paired',
    paired: { ...kept, hostKey: own.publicKey, rootPsk: host.psk },
  });
});

test('says what the host refused, in the host’s words', async () => {
  const { pairing, tell } = setUp();
  await pairing.met;
  tell({ type: 'refused', why: 'refused', message: 'Refused on the computer.' });
  expect(await pairing.outcome).toEqual({ kind: 'failed', message: 'Refused on the computer.' });
});

test('tells the host that the digits do not match, and keeps nothing', async () => {
  const { pairing, host, tell, result } = setUp();
  await pairing.met;
  pairing.leave('mismatch');
  tell(result);
  const outcome = await pairing.outcome;
  await settle();
  expect([outcome, host.heard]).toEqual([
    { kind: 'failed', message: expect.stringContaining('did not match') },
    ['{"type":"here"}', '{"type":"leave","why":"mismatch"}'],
  ]);
});

test('says what to do when the code is over', async () => {
  const { relay, pairing } = setUp();
  relay.refuse = { type: 'refused', code: 'noRendezvous', message: 'no' };
  await expect(pairing.met).rejects.toThrow('Ask the computer for a new one.');
  expect((await pairing.outcome).kind).toBe('failed');
});

test('does not pair with somebody who does not know the secret of the code', async () => {
  const { pairing, relay } = setUp({ secretOfHost: new Uint8Array(32) });
  expect(await pairing.outcome).toMatchObject({ kind: 'failed' });
  expect(relay.openSeats).toEqual([]);
});

test('ends by itself when the computer stays silent', async () => {
  const { pairing, timers } = setUp();
  await pairing.met;
  timers.advance(150_000);
  expect(await pairing.outcome).toEqual({
    kind: 'failed',
    message: expect.stringContaining('did not answer in time'),
  });
});

test('tries the way three times, and says that the relay cannot be reached', async () => {
  const { pairing, relay } = setUp();
  relay.mode = 'blocked';
  expect(await pairing.outcome).toEqual({
    kind: 'failed',
    message: expect.stringContaining('The relay at relay.test cannot be reached.'),
  });
  expect(relay.dials).toBe(3);
});

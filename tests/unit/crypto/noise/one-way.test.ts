import { expect, it } from 'vitest';
import { HandshakeState } from '../../../../src/crypto/noise/handshake-state.ts';
import { MAX_ONE_WAY_BYTES, openOneWay, sealOneWay } from '../../../../src/crypto/noise/one-way.ts';
import { patterns } from '../../../../src/crypto/noise/patterns.ts';
import { noblePrimitives as primitives } from '../../../../src/crypto/noble-primitives.ts';
import { patternOf, publishedVectors } from './vectors.ts';

const published = publishedVectors();
const keys = (byte: number) => primitives.keyPairOf(new Uint8Array(32).fill(byte));
const phone = keys(1);
const host = keys(2);
const stranger = keys(3);
const psk = new Uint8Array(32).fill(9);
const prologue = Uint8Array.of(1, 2, 3);
const atPhone = { own: phone, remote: host.publicKey, psk, prologue, primitives };
const atHost = { own: host, remote: phone.publicKey, psk, prologue, primitives };
const payload = Uint8Array.of(5, 6, 7);

it('has the pattern that Noise names Kpsk0', () => {
  expect(patterns.Kpsk0).toEqual(patternOf('Noise_Kpsk0_25519_ChaChaPoly_SHA256'));
});

it.skipIf(published === null)('is among the patterns that have published vectors', () => {
  const names = new Set(published?.map(({ protocol_name }) => protocol_name.split('_')[1]));
  expect(['N', 'K', 'X', 'Npsk0', 'Kpsk0', 'Xpsk1'].filter((name) => !names.has(name))).toEqual([]);
});

it('opens once more, since a message without an answer can be played again, and only as it was', async () => {
  const message = await sealOneWay(payload, atPhone);
  expect(await openOneWay(message, atHost)).toEqual(payload);
  expect(await openOneWay(message, atHost)).toEqual(payload);
  for (let at = 0; at < message.length; at += 1) {
    const changed = message.slice();
    changed[at] = (changed[at] ?? 0) ^ 1;
    await expect(openOneWay(changed, atHost)).rejects.toThrow();
  }
});

it.each([
  ['another host', { ...atHost, own: stranger }],
  ['another device', { ...atHost, remote: stranger.publicKey }],
  ['another pairing', { ...atHost, psk: new Uint8Array(32) }],
  ['another purpose', { ...atHost, prologue: Uint8Array.of(1, 2, 4) }],
])('does not open for %s', async (_, other) => {
  const message = await sealOneWay(payload, atPhone);
  await expect(openOneWay(message, other)).rejects.toThrow('does not open');
});

it('is sealed anew under a key of its own each time', async () => {
  const two = await Promise.all([sealOneWay(payload, atPhone), sealOneWay(payload, atPhone)]);
  expect(Buffer.from(two[0]).equals(two[1])).toBe(false);
});

it('takes as much as a message of Noise holds, and no byte more', async () => {
  const most = new Uint8Array(MAX_ONE_WAY_BYTES);
  expect(await openOneWay(await sealOneWay(most, atPhone), atHost)).toEqual(most);
  await expect(sealOneWay(new Uint8Array(most.length + 1), atPhone)).rejects.toThrow(RangeError);
});

it('leaves the responder of a one-way pattern nothing to send with', async () => {
  const state = (initiator: boolean) => {
    const { psk: secret, ...known } = initiator ? atPhone : atHost;
    return new HandshakeState({ ...known, initiator, pattern: patterns.Kpsk0, psks: [secret] });
  };
  const [from, to] = [state(true), state(false)];
  await to.readMessage(await from.writeMessage(payload));
  const [sender, receiver] = [from.split(), to.split()];
  expect(receiver.receive.open(sender.send.seal(payload))).toEqual(payload);
  expect(() => receiver.send.seal(payload)).toThrow('wiped');
  expect(() => sender.receive.open(payload)).toThrow('wiped');
});

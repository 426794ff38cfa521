import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CipherState } from '../../../../src/crypto/noise/cipher-state.ts';
import { Handshake, type HandshakeOptions } from '../../../../src/crypto/noise/handshake.ts';
import { HandshakeFailed } from '../../../../src/crypto/noise/handshake-state.ts';
import type { PatternName } from '../../../../src/crypto/noise/patterns.ts';
import type { DhKeyPair, Primitives } from '../../../../src/crypto/primitives.ts';
import { nodePrimitives } from '../../../../src/local/node-primitives.ts';

const primitives: Primitives = await nodePrimitives();
const hex = (bytes: Uint8Array | null): string | null =>
  bytes === null ? null : Buffer.from(bytes).toString('hex');
const utf8 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

const host = primitives.generateKeyPair();
const device = primitives.generateKeyPair();
const stranger = primitives.generateKeyPair();
const psk = primitives.randomBytes(32);
const names: PatternName[] = ['IKpsk1', 'KKpsk0'];

type Changes = Partial<Omit<HandshakeOptions, 'pattern' | 'initiator'>>;

const ends = (pattern: PatternName, ofDevice: Changes = {}, ofHost: Changes = {}) => {
  const shared = { pattern, prologue: utf8('prologue'), psk, primitives };
  return {
    initiator: new Handshake({
      ...shared,
      initiator: true,
      own: device,
      remote: host.publicKey,
      ...ofDevice,
    }),
    responder: new Handshake({
      ...shared,
      initiator: false,
      own: host,
      ...(pattern === 'KKpsk0' && { remote: device.publicKey }),
      ...ofHost,
    }),
  };
};

/** A pair whose secret no script can read: what a page has. */
async function webCryptoPair(): Promise<DhKeyPair> {
  const pair = (await webcrypto.subtle.generateKey({ name: 'X25519' }, false, [
    'deriveBits',
  ])) as webcrypto.CryptoKeyPair;
  return {
    publicKey: new Uint8Array(await webcrypto.subtle.exportKey('raw', pair.publicKey)),
    dh: async (remote) => {
      const key = await webcrypto.subtle.importKey('raw', remote, { name: 'X25519' }, true, []);
      const algorithm = { name: 'X25519', public: key };
      return new Uint8Array(await webcrypto.subtle.deriveBits(algorithm, pair.privateKey, 256));
    },
  };
}

describe.each(names)('a handshake %s', (pattern) => {
  it('gives both the same secrets, and each the other one of two ciphers', async () => {
    const { initiator, responder } = ends(pattern);
    const first = await responder.readMessage(await initiator.writeMessage(utf8('question')));
    const second = await initiator.readMessage(await responder.writeMessage(utf8('answer')));
    const [mine, theirs] = [initiator.finish(), responder.finish()];
    expect({
      first,
      second,
      remote: [hex(initiator.remoteStatic), hex(responder.remoteStatic)],
      hash: hex(mine.hash),
      sas: hex(mine.secret('sas', 8)),
      there: hex(theirs.receive.open(mine.send.seal(utf8('there')))),
      back: hex(mine.receive.open(theirs.send.seal(utf8('back')))),
    }).toEqual({
      first: utf8('question'),
      second: utf8('answer'),
      remote: [hex(host.publicKey), hex(device.publicKey)],
      hash: hex(theirs.hash),
      sas: hex(theirs.secret('sas', 8)),
      there: hex(utf8('there')),
      back: hex(utf8('back')),
    });
    expect(hex(mine.secret('sas', 8))).not.toBe(hex(mine.secret('root', 8)));
    mine.forget();
    expect(() => mine.secret('sas', 8)).toThrow('forgotten');
    expect(hex(mine.send.seal(utf8('goes on')))).not.toBe(null);
  });

  it('has other keys each time', async () => {
    const hashes = new Set<string | null>();
    for (let i = 0; i < 5; i += 1) {
      const { initiator, responder } = ends(pattern);
      await responder.readMessage(await initiator.writeMessage(utf8('')));
      await initiator.readMessage(await responder.writeMessage(utf8('')));
      hashes.add(hex(initiator.finish().secret('x', 16)));
    }
    expect(hashes.size).toBe(5);
  });

  it('works with a static key that only WebCrypto can use, on either side', async () => {
    const own = await webCryptoPair();
    for (const [ofDevice, ofHost] of [
      [{ own }, pattern === 'KKpsk0' ? { remote: own.publicKey } : {}],
      [{ remote: own.publicKey }, { own }],
    ] as [Changes, Changes][]) {
      const { initiator, responder } = ends(pattern, ofDevice, ofHost);
      await responder.readMessage(await initiator.writeMessage(utf8('q')));
      await initiator.readMessage(await responder.writeMessage(utf8('a')));
      expect(hex(initiator.finish().secret('x', 16))).toBe(hex(responder.finish().secret('x', 16)));
    }
  });

  it('is the same with the shared secret of the static keys given, which it leaves alone', async () => {
    const staticShared = await device.dh(host.publicKey);
    const before = hex(staticShared);
    const { initiator, responder } = ends(pattern, { staticShared });
    await responder.readMessage(await initiator.writeMessage(utf8('q')));
    await initiator.readMessage(await responder.writeMessage(utf8('a')));
    expect(hex(initiator.finish().hash)).toBe(hex(responder.finish().hash));
    expect(hex(staticShared)).toBe(before);
  });

  const refusals: [string, Changes, Changes][] = [
    ['another psk', {}, { psk: primitives.randomBytes(32) }],
    ['another prologue', {}, { prologue: utf8('prologuf') }],
    ['another host than the one it knows', {}, { own: stranger }],
    ['a host whose key it has wrong', { remote: stranger.publicKey }, {}],
  ];
  if (pattern === 'KKpsk0')
    refusals.push(
      ['another device than the one the host knows', { own: stranger }, {}],
      ['two devices swapped', {}, { remote: stranger.publicKey }],
    );
  it.each(refusals)(
    'fails at message 1 with %s, and is unusable then',
    async (_, ofDevice, ofHost) => {
      const { initiator, responder } = ends(pattern, ofDevice, ofHost);
      const message = await initiator.writeMessage(utf8('secret'));
      await expect(responder.readMessage(message)).rejects.toThrow(HandshakeFailed);
      await expect(responder.readMessage(message)).rejects.toThrow(HandshakeFailed);
      await expect(responder.writeMessage(utf8('x'))).rejects.toThrow(HandshakeFailed);
      expect(() => responder.finish()).toThrow();
    },
  );

  it('fails when any bit of a message is flipped, or any of it is missing', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.nat(), fc.boolean(), async (isFirst, place, isCut) => {
        const { initiator, responder } = ends(pattern);
        const meddle = (message: Uint8Array): Uint8Array => {
          if (isCut) return message.subarray(0, place % message.length);
          const changed = message.slice();
          changed[(place >> 3) % message.length]! ^= 1 << (place & 7);
          return changed;
        };
        const first = await initiator.writeMessage(utf8('q'));
        if (isFirst) {
          await expect(responder.readMessage(meddle(first))).rejects.toThrow(HandshakeFailed);
          return;
        }
        await responder.readMessage(first);
        const second = await responder.writeMessage(utf8('a'));
        await expect(initiator.readMessage(meddle(second))).rejects.toThrow(HandshakeFailed);
        expect(() => initiator.finish()).toThrow();
      }),
      { numRuns: 150 },
    );
  });

  it('takes no message out of turn, twice, or of another handshake', async () => {
    const one = ends(pattern);
    const two = ends(pattern);
    await expect(one.responder.writeMessage(utf8(''))).rejects.toThrow('out of turn');
    const first = await two.initiator.writeMessage(utf8(''));
    await expect(two.initiator.readMessage(first), 'its own').rejects.toThrow(HandshakeFailed);

    const three = ends(pattern);
    const four = ends(pattern);
    await three.responder.readMessage(await three.initiator.writeMessage(utf8('')));
    await four.responder.readMessage(await four.initiator.writeMessage(utf8('')));
    const answer = await three.responder.writeMessage(utf8(''));
    await expect(four.initiator.readMessage(answer)).rejects.toThrow(HandshakeFailed);
    await three.initiator.readMessage(answer);
    await expect(three.initiator.readMessage(answer)).rejects.toThrow('out of turn');
  });

  it('gives up what is under way when it is wiped', async () => {
    const { initiator } = ends(pattern, { own: await webCryptoPair() });
    const message = initiator.writeMessage(utf8('q'));
    initiator.wipe();
    await expect(message).rejects.toThrow(HandshakeFailed);
  });

  it('refuses a payload beyond what a Noise message holds', async () => {
    const { initiator } = ends(pattern);
    await expect(initiator.writeMessage(new Uint8Array(65_530))).rejects.toThrow(/payload|holds/);
  });
});

describe('a cipher', () => {
  const ciphers = async (): Promise<[CipherState, CipherState]> => {
    const { initiator, responder } = ends('KKpsk0');
    await responder.readMessage(await initiator.writeMessage(utf8('')));
    await initiator.readMessage(await responder.writeMessage(utf8('')));
    return [initiator.finish().send, responder.finish().receive];
  };

  it('opens each message once, in order, and no other', async () => {
    const [send, receive] = await ciphers();
    const [a, b, c] = ['a', 'b', 'c'].map((text) => send.seal(utf8(text)));
    expect(receive.open(b!)).toBe(null);
    expect(hex(receive.open(a!))).toBe(hex(utf8('a')));
    expect(receive.open(a!)).toBe(null);
    expect(receive.open(c!)).toBe(null);
    expect(hex(receive.open(b!))).toBe(hex(utf8('b')));
    expect(hex(receive.open(c!))).toBe(hex(utf8('c')));
  });

  it('rekeys on both sides alike, and opens nothing of another key', async () => {
    const [send, receive] = await ciphers();
    const old = send.seal(utf8('old'));
    send.rekey();
    const fresh = send.seal(utf8('new'));
    receive.open(old);
    expect(receive.open(fresh)).toBe(null);
    receive.rekey();
    expect(hex(receive.open(fresh))).toBe(hex(utf8('new')));
    receive.wipe();
    expect(() => receive.open(fresh)).toThrow('wiped');
  });
});

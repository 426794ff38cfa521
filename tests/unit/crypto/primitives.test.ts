import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hkdf } from '../../../src/crypto/hkdf.ts';
import { noblePrimitives } from '../../../src/crypto/noble-primitives.ts';
import type { Primitives } from '../../../src/crypto/primitives.ts';
import { everyPrimitives } from './every-primitives.ts';

const bytes = (hex: string): Uint8Array =>
  new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const toHex = (array: Uint8Array | null): string | null =>
  array === null ? null : Buffer.from(array).toString('hex');

/** The published results, one of each primitive, as every variant has to give them. */
async function published(primitives: Primitives) {
  const scalar = bytes('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4');
  const point = bytes('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c');
  const sunscreen =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
  const aead = primitives.aead(
    bytes('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f'),
  );
  const ad = bytes('50515253c0c1c2c3c4c5c6c7');
  const nonce = bytes('070000004041424344454647');
  const sealed = aead.seal(nonce, ad, new Uint8Array(Buffer.from(sunscreen)));
  const opened = aead.open(nonce, ad, sealed);
  return {
    'RFC 7748 5.2': toHex(await primitives.keyPairOf(scalar).dh(point)),
    'RFC 8439 2.8.2': toHex(sealed)?.slice(-32),
    opened: opened === null ? null : Buffer.from(opened).toString(),
    'FIPS 180-2 B.1': toHex(primitives.sha256(new Uint8Array(Buffer.from('abc')))),
    'RFC 4231 4.3': toHex(
      primitives.hmac(
        new Uint8Array(Buffer.from('Jefe')),
        new Uint8Array(Buffer.from('what do ya want for nothing?')),
      ),
    ),
    'RFC 4231 4.7': toHex(
      primitives.hmac(
        new Uint8Array(131).fill(0xaa),
        new Uint8Array(Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First')),
      ),
    ),
    'RFC 5869 A.1': toHex(
      hkdf(primitives, {
        secret: new Uint8Array(22).fill(0x0b),
        salt: bytes('000102030405060708090a0b0c'),
        info: bytes('f0f1f2f3f4f5f6f7f8f9'),
        length: 42,
      }),
    ),
  };
}

describe.each(everyPrimitives)('the primitives of %s', (_, make) => {
  it('give the published results', async () => {
    expect(await published(await make())).toEqual({
      'RFC 7748 5.2': 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
      'RFC 8439 2.8.2': '1ae10b594f09e26a7e902ecbd0600691',
      opened:
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
      'FIPS 180-2 B.1': 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      'RFC 4231 4.3': '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      'RFC 4231 4.7': '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
      'RFC 5869 A.1':
        '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    });
  });

  it('agree with JavaScript byte for byte, at every size around a limit', async () => {
    const primitives = await make();
    const key = primitives.randomBytes(32);
    const [own, plain] = [primitives.aead(key), noblePrimitives.aead(key)];
    const ad = primitives.randomBytes(32);
    const nonce = primitives.randomBytes(12);
    for (const size of [0, 1, 15, 16, 63, 64, 65, 3071, 3072, 3073, 8192, 65_518, 65_519]) {
      const text = primitives.randomBytes(size);
      const sealed = own.seal(nonce, ad, text);
      expect({ size, sealed: toHex(sealed) }).toEqual({
        size,
        sealed: toHex(plain.seal(nonce, ad, text)),
      });
      expect(toHex(own.open(nonce, ad, sealed))).toBe(toHex(text));
    }
    const [a, b] = [primitives.generateKeyPair(), noblePrimitives.generateKeyPair()];
    expect(toHex(await a.dh(b.publicKey))).toBe(toHex(await b.dh(a.publicKey)));
  });

  it('open nothing that was changed in one bit, cut, or sealed for something else', async () => {
    const primitives = await make();
    const aead = primitives.aead(primitives.randomBytes(32));
    const other = primitives.aead(primitives.randomBytes(32));
    const [nonce, ad] = [new Uint8Array(12), new Uint8Array([1, 2, 3])];
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 100 }),
        fc.nat(),
        fc.constantFrom(0, 0, 6_000),
        (head, place, more) => {
          const sealed = aead.seal(nonce, ad, new Uint8Array(head.length + more));
          const flipped = sealed.slice();
          const bit = place % (sealed.length * 8);
          flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          expect([
            aead.open(nonce, ad, flipped),
            aead.open(nonce, ad, sealed.subarray(0, place % sealed.length)),
            aead.open(nonce, ad.subarray(1), sealed),
            aead.open(nonce.slice().fill(1), ad, sealed),
            other.open(nonce, ad, sealed),
            aead.open(nonce, ad, new Uint8Array([...sealed, 0])),
          ]).toEqual([null, null, null, null, null, null]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('refuse points that give everybody the same secret', async () => {
    const primitives = await make();
    const pair = primitives.generateKeyPair();
    // Of order 1, 2 and 8: RFC 7748 §6.1 has the check, the points are from cr.yp.to/ecdh.html.
    const points = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      `ec${'ff'.repeat(30)}7f`,
    ];
    for (const point of points)
      await expect((async () => await pair.dh(bytes(point)))(), point).rejects.toThrow();
  });

  it('refuse keys of a wrong length, and to compute with a key that was wiped', async () => {
    const primitives = await make();
    expect(() => primitives.keyPairOf(new Uint8Array(31))).toThrow('32 bytes');
    const pair = primitives.generateKeyPair();
    await expect((async () => await pair.dh(new Uint8Array(31)))()).rejects.toThrow();
    const { publicKey } = primitives.generateKeyPair();
    pair.wipe?.();
    await expect((async () => await pair.dh(publicKey))()).rejects.toThrow('wiped');
  });

  it('keep nothing of an array that was passed in, and give arrays of their own', async () => {
    const primitives = await make();
    const secret = new Uint8Array(32).fill(7);
    const key = new Uint8Array(32).fill(8);
    const pair = primitives.keyPairOf(secret);
    const aead = primitives.aead(key);
    const nonce = new Uint8Array(12);
    const before = toHex(aead.seal(nonce, key, key));
    const { publicKey } = primitives.keyPairOf(new Uint8Array(32).fill(9));
    const shared = toHex(await pair.dh(publicKey));
    secret.fill(0);
    key.fill(0);
    const ones = new Uint8Array(32).fill(8);
    expect([toHex(await pair.dh(publicKey)), toHex(aead.seal(nonce, ones, ones))]).toEqual([
      shared,
      before,
    ]);
    // A Buffer's slice would be no copy.
    const hash = primitives.sha256(key);
    const copy = hash.slice();
    hash.fill(0);
    expect(copy).not.toEqual(hash);
  });
});

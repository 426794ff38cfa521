import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readUint64, uint64 } from '../../../src/crypto/bytes.ts';
import { equalBytes } from '../../../src/crypto/equal-bytes.ts';
import { noblePrimitives } from '../../../src/crypto/noble-primitives.ts';
import { prologueOf } from '../../../src/crypto/prologue.ts';
import { rootPsk } from '../../../src/crypto/root-psk.ts';
import { shortCode } from '../../../src/crypto/sas.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const draws = (...values: readonly bigint[]): Uint8Array => {
  const bytes = new Uint8Array(32);
  for (const [i, value] of values.entries()) new DataView(bytes.buffer).setBigUint64(i * 8, value);
  return bytes;
};

describe('the six digits', () => {
  it('keep their leading zeros', () => {
    expect(shortCode(() => draws(42n))).toBe('000042');
  });

  it('leave out a draw that would favour small numbers', () => {
    expect(shortCode(() => draws(2n ** 64n - 1n, 123_456n))).toBe('123456');
    expect(() => shortCode(() => new Uint8Array(32).fill(0xff))).toThrow('pair again');
  });

  it('ask for the secret named sas, and wipe it', () => {
    const asked: unknown[] = [];
    const secret = draws(7n);
    shortCode((label, length) => {
      asked.push([label, length]);
      return secret;
    });
    expect({ asked, secret: hex(secret) }).toEqual({
      asked: [['sas', 32]],
      secret: '00'.repeat(32),
    });
  });

  it('are spread evenly', () => {
    const tens = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 20_000; i += 1) {
      const digits = shortCode(() => noblePrimitives.sha256(uint64(i)).slice());
      tens[Number(digits[0])]! += 1;
    }
    // 2,000 each, standard deviation 42.
    expect(Math.max(...tens.map((count) => Math.abs(count - 2_000)))).toBeLessThan(210);
  });
});

describe('the root psk', () => {
  const of = (secret: number, hash: number): string =>
    hex(rootPsk(noblePrimitives, new Uint8Array(32).fill(secret), new Uint8Array(32).fill(hash)));

  it('is another one for each secret and each handshake', () => {
    expect(new Set([of(1, 1), of(1, 2), of(2, 1), of(2, 2)]).size).toBe(4);
  });

  it('never changes: devices that were paired once keep it', () => {
    expect(of(1, 2)).toMatchInlineSnapshot(
      `"1c071fdb8597a775634eb79f5d6ba3a14d68109371a4925c4a31893148f9d93a"`,
    );
  });
});

describe('a prologue', () => {
  it('differs whenever a name, their order or the purpose does', () => {
    const all = [
      prologueOf('session', 'ab', 'c'),
      prologueOf('session', 'a', 'bc'),
      prologueOf('session', 'abc'),
      prologueOf('session', 'abc', ''),
      prologueOf('pairing', 'abc'),
      prologueOf('session', 'c', 'ab'),
    ];
    expect(new Set(all.map(hex)).size).toBe(all.length);
  });
});

describe('bytes', () => {
  it('of a counter come back, and sort as the counters do', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        expect(readUint64(uint64(a))).toBe(a);
        expect(Buffer.compare(uint64(a), uint64(b))).toBe(Math.sign(a - b));
      }),
    );
    expect(() => uint64(-1)).toThrow('whole number');
    expect(() => uint64(2 ** 53)).toThrow('whole number');
    expect(readUint64(new Uint8Array(8).fill(0xff))).toBe(null);
    expect(readUint64(new Uint8Array(7))).toBe(null);
  });

  it('are equal when all are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (array, at) => {
        const changed = array.slice();
        changed[at % array.length]! ^= 1 << (at % 8);
        expect([
          equalBytes(array, array.slice()),
          equalBytes(array, changed),
          equalBytes(array, array.slice(1)),
        ]).toEqual([true, false, false]);
      }),
    );
    expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true);
  });
});

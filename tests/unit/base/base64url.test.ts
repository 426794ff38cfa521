import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64url, toBase64url } from '../../../src/base/base64url.ts';

test('it writes what Node writes, and reads it back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = toBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64url(text)).toEqual(bytes);
    }),
  );
});

test('each array has one text: what another writer would have written is refused', () => {
  expect(
    ['', 'A', 'AA', 'AB', 'AAA', 'AAB', 'AAAA', 'AA==', 'A+AA', 'A/AA', 'AA A', 'ÄAAA'].map(
      (text) => fromBase64url(text)?.length ?? null,
    ),
  ).toEqual([0, null, 1, null, 2, null, 3, null, null, null, null, null]);
});

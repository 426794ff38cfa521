import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deviceName } from '../../../../src/host/pairing/device-name.ts';
import { deviceSchema } from '../../../../src/protocol/devices.ts';

test.each([
  ['Pixel 9, Chrome', 'Pixel 9, Chrome'],
  ['  two\n\tlines  ', 'two lines'],
  ['\u202eevil\u202c', 'evil'],
  ['a\u0000b\u001b[31mc', 'a b [31mc'],
  ['\u200b\u200d\ufeff', 'A device without a name'],
  ['', 'A device without a name'],
  [`e${'\u0301'.repeat(50)}`, '\u00e9\u0301\u0301'],
  ['電話', '電話'],
])('%j is shown as %j', (given, shown) => {
  expect(deviceName(given)).toBe(shown);
});

test('any name comes out as one that a device may have, on one line, and stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (given) => {
      const name = deviceName(given);
      expect(deviceSchema.shape.name.parse(name)).toBe(name);
      expect(name).not.toMatch(/[\p{Control}\p{Format}\p{Surrogate}]/u);
      expect(deviceName(name)).toBe(name);
    }),
  );
});

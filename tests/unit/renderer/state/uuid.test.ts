import { expect, test } from 'vitest';
import { commandIdOf } from '../../../../renderer/state/uuid.ts';

test('a command id is a UUIDv7 that carries its time', () => {
  // RFC 9562, appendix A.6.
  const random = new Uint8Array(16);
  random.set([0xcc, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f], 6);
  expect(commandIdOf(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('command ids sort by when they were made', () => {
  const random = new Uint8Array(16).fill(0xff);
  const ids = [1, 2 ** 32, 2 ** 40, Date.parse('2026-11-21')].map((at) => commandIdOf(at, random));
  expect(ids.toSorted()).toEqual(ids);
});

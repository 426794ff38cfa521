import { expect, it } from 'vitest';
import { retryAfterMs } from '../../../src/outbound/retry-after.ts';

const nowMs = Date.parse('2026-03-01T10:00:00Z');

it('Retry-After is read in seconds and as a date, and nothing is made of anything else', () => {
  const texts = [
    '0',
    '120',
    ' 5 ',
    'Sun, 01 Mar 2026 10:00:30 GMT',
    'Sun, 01 Mar 2026 09:00:00 GMT',
    undefined,
    '',
    '-1',
    '1.5',
    'soon',
    '99999999999999',
    '2026-03-01',
  ];
  expect(texts.map((text) => retryAfterMs(text, nowMs))).toEqual([
    0,
    120_000,
    5_000,
    30_000,
    0,
    null,
    null,
    null,
    null,
    null,
    null,
    null,
  ]);
});

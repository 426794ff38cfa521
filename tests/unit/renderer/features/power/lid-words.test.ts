import { expect, test } from 'vitest';
import { isNews, lidWords } from '../../../../../renderer/features/power/lid-words.ts';
import { sessionIdSchema } from '../../../../../src/protocol/ids.ts';
import type { LidReport } from '../../../../../src/protocol/power.ts';

const minute = (n: number): string => new Date(Date.UTC(2026, 10, 21, 8, n)).toISOString();
const ran = (n: number, minutes: number): LidReport['sessions'][number] => ({
  sessionId: sessionIdSchema.parse(`s_${String(n).padStart(12, '0')}`),
  title: `Session ${n}`,
  workedMs: minutes * 60_000,
});
const report: LidReport = {
  closedAt: minute(0),
  openedAt: minute(95),
  wasSafe: true,
  sessions: [ran(1, 80), ran(2, 20)],
  battery: { from: 64, to: 51 },
  hottest: { celsius: 71.4, at: minute(40) },
  slept: [],
};

test('what went on behind the lid is said in a line', () => {
  expect(lidWords(report)).toBe(
    'The lid was closed for 1 h 35 min. 2 sessions worked, the longest for 1 h 20 min. Battery 64 % to 51 %. Hottest 71 °C.',
  );
});

test('that it slept is said with the reason', () => {
  const slept = [
    { from: minute(10), to: minute(30), why: 'The battery was at 19 %' },
    { from: minute(40), to: minute(90), why: 'Somebody put it to sleep.' },
  ];
  expect([
    lidWords({ ...report, sessions: [ran(1, 9)], battery: null, hottest: null, slept }),
    lidWords({ ...report, sessions: [ran(1, 9)], slept: slept.slice(0, 1) }),
  ]).toEqual([
    'The lid was closed for 1 h 35 min. 1 session worked for 9 min. It slept 2 times, 1 h 10 min in all. Somebody put it to sleep.',
    'The lid was closed for 1 h 35 min. 1 session worked for 9 min. Battery 64 % to 51 %. Hottest 71 °C. It slept for 20 min. The battery was at 19 %.',
  ]);
});

test('it is news only when something worked, the lid is open again, and not for long', () => {
  const soon = Date.parse(minute(96));
  expect([
    isNews(report, soon),
    isNews({ ...report, openedAt: null }, soon),
    isNews({ ...report, sessions: [] }, soon),
    isNews(report, soon + 13 * 3_600_000),
  ]).toEqual([true, false, false, false]);
});

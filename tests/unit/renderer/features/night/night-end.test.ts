import { expect, test } from 'vitest';
import { nightEnd } from '../../../../../renderer/features/night/night-end.ts';

const evening = new Date(2026, 10, 21, 22, 30).getTime();
const at = (...date: [number, number, number]): string => new Date(2026, 10, ...date).toISOString();

test('a night ends when somebody ends it, in the morning, after hours, or at a time that is to come', () => {
  expect([
    nightEnd('none', '', evening),
    nightEnd('morning', '', evening),
    nightEnd('hours', '', evening),
    nightEnd('at', '06:45', evening),
    nightEnd('at', '23:00', evening),
    nightEnd('at', '22:30', evening),
  ]).toEqual([
    {},
    { until: at(22, 8, 0) },
    { until: at(22, 6, 30) },
    { until: at(22, 6, 45) },
    { until: at(21, 23, 0) },
    { until: at(22, 22, 30) },
  ]);
});

test('what is no time ends no night', () => {
  expect(['', '25:00', '10:61', 'late', '10'].map((time) => nightEnd('at', time, evening))).toEqual(
    Array.from({ length: 5 }, () => null),
  );
});

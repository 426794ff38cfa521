import { expect, test } from 'vitest';
import {
  dueForForgetting,
  type KeptSession,
} from '../../../../src/host/sessions/due-for-forgetting.ts';
import type { SessionId } from '../../../../src/protocol/ids.ts';

const DAY = 24 * 3_600_000;
const NOW = 1_000 * DAY;

function session(id: string, daysOld: number, archived = true): KeptSession {
  return { id: id as SessionId, archived, updatedAtMs: NOW - daysOld * DAY };
}

const sessions = [session('old', 31), session('young', 29), session('open', 400, false)];

test.each([
  ['the first look only notes the time', { lastLookMs: null }, 'jumped', []],
  ['a day later what is old enough goes', { lastLookMs: NOW - DAY }, 'credible', ['old']],
  ['exactly as old as allowed, it stays', { keepDays: 31 }, 'credible', []],
  ['0 days keep everything', { keepDays: 0 }, 'credible', []],
  ['a fraction of a day counts', { keepDays: 0.5 }, 'credible', ['old', 'young']],
  [
    'a clock that jumped further than the keeping time waits for the next look',
    { lastLookMs: NOW - 31 * DAY },
    'jumped',
    [],
  ],
  [
    'a laptop that was shut for a week has not jumped',
    { lastLookMs: NOW - 7 * DAY },
    'credible',
    ['old'],
  ],
  ['a clock before the last look is wrong', { lastLookMs: NOW + 1 }, 'behind', []],
  ['a clock before the newest event is wrong', { nowMs: NOW - 30 * DAY }, 'behind', []],
  ['there may be no session at all', { sessions: [] }, 'credible', []],
] as const)('%s', (_, given, clock, due) => {
  expect(
    dueForForgetting({ sessions, nowMs: NOW, lastLookMs: NOW - DAY, keepDays: 30, ...given }),
  ).toEqual({ clock, due });
});

import { expect, test } from 'vitest';
import { resetTime } from '../../../../../src/host/agents/acp/reset-time.ts';

const BERLIN = 'Europe/Berlin';
const at = (words: string, now = '2026-11-21T12:00:00Z', zone = BERLIN) => {
  const ms = resetTime(words, Date.parse(now), zone);
  return ms === null ? null : new Date(ms).toISOString();
};

test.each([
  ['seconds since 1970', 'Claude AI usage limit reached|1795280400', '2026-11-21T17:00:00.000Z'],
  ['milliseconds', '{"resets_at":1795280400000}', '2026-11-21T17:00:00.000Z'],
  ['a named zone', "You've hit your session limit · resets 3pm (UTC)", '2026-11-21T15:00:00.000Z'],
  [
    'a zone across the sea, with a day',
    "You've hit your weekly limit · resets Nov 27, 3:30pm (America/New_York)",
    '2026-11-27T20:30:00.000Z',
  ],
  ['no zone: ours', "You've hit your session limit · resets 3pm", '2026-11-21T14:00:00.000Z'],
  [
    'a time that has passed today is tomorrow',
    "You've hit your session limit · resets 9:15am (Europe/Berlin)",
    '2026-11-22T08:15:00.000Z',
  ],
  ['midnight', 'resets 12am (Europe/Berlin)', '2026-11-21T23:00:00.000Z'],
  ['noon', 'resets 12pm (America/Los_Angeles)', '2026-11-21T20:00:00.000Z'],
  [
    'Codex within a day',
    "You've hit your usage limit. Upgrade to Plus to continue using Codex (https://chatgpt.com/explore/plus), or try again at 3:05 PM.",
    '2026-11-21T14:05:00.000Z',
  ],
  [
    'Codex on another day',
    "You've hit your usage limit. Try again at Nov 27th, 2026 3:05 PM.",
    '2026-11-27T14:05:00.000Z',
  ],
  [
    'Codex, older',
    "You've hit your usage limit. Try again in 2 days 3 hours 5 minutes.",
    '2026-11-23T15:05:00.000Z',
  ],
  ['Gemini in seconds', 'Please retry in 34.074824224s.', '2026-11-21T12:00:34.075Z'],
  ['Gemini in a duration', 'Your quota will reset after 3h22m10s.', '2026-11-21T15:22:10.000Z'],
  ['Gemini CLI', 'Quota.\nSuggested retry after 3600s.', '2026-11-21T13:00:00.000Z'],
  [
    'OpenCode Go',
    'weekly usage limit reached. It will reset in 2 days 3 hours. To continue using',
    '2026-11-23T15:00:00.000Z',
  ],
  ['RFC 3339', 'The limit resets at 2026-11-22T10:00:00+01:00.', '2026-11-22T09:00:00.000Z'],
])('it is read from the words: %s', (_, words, expected) => {
  expect(at(words)).toBe(expected);
});

test.each([
  'Rate limit exceeded. Try again later.',
  "You've hit your monthly spend limit.",
  'resets soon',
  'resets 25pm',
  'resets 3:99pm',
  'The file resets 12 counters in 2024',
  'usage limit reached|17952',
  'retry after a while',
  'try again in 99999999999999999999 days',
  'usage limit reached|9999999999',
  '',
])('it is not read into words that do not say it: %s', (words) => {
  expect(at(words)).toBeNull();
});

test('at the turn of the year the month after is meant, not the one before', () => {
  expect(at('resets Jan 2, 1pm (UTC)', '2026-12-30T12:00:00Z')).toBe('2027-01-02T13:00:00.000Z');
  expect(at('resets Dec 29, 1pm (UTC)', '2026-12-30T12:00:00Z')).toBe('2026-12-29T13:00:00.000Z');
});

test('on the day the clocks change, the later of two times is meant, and one that is skipped moves on', () => {
  // 25 October 2026: 03:00 summer time becomes 02:00; 29 March: 02:00 becomes 03:00.
  expect(at('resets 2:30am (Europe/Berlin)', '2026-10-24T22:30:00Z')).toBe(
    '2026-10-25T01:30:00.000Z',
  );
  expect(at('resets 2:30am (Europe/Berlin)', '2026-03-28T23:30:00Z')).toBe(
    '2026-03-29T01:30:00.000Z',
  );
  expect(at('resets 3pm (Europe/Berlin)', '2026-03-28T23:30:00Z')).toBe('2026-03-29T13:00:00.000Z');
});

test('an unknown zone is taken for ours', () => {
  expect(at('resets 3pm (Middle-earth/Shire)')).toBe('2026-11-21T14:00:00.000Z');
});

test('hostile words cost no time', () => {
  const started = performance.now();
  at(`resets ${'1 '.repeat(100_000)}`);
  at('try again '.repeat(50_000));
  at(`try again in ${'9'.repeat(200_000)}`);
  at(`resets ${'Nov '.repeat(50_000)}27, 3pm`);
  expect(performance.now() - started).toBeLessThan(1_000);
});

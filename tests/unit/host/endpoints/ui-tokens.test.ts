import { beforeEach, expect, test } from 'vitest';
import {
  SESSION_LIMIT_MS,
  TOKEN_LIMIT_MS,
  UiTokens,
  type UiSession,
} from '../../../../src/host/endpoints/ui-tokens.ts';

let nowMs: number;
let kept: readonly UiSession[];
const tokens = (sessions: readonly UiSession[] = []) =>
  new UiTokens({ sessions, now: () => nowMs, changed: (list) => (kept = list) });
const session = (from: UiTokens): string => {
  const made = from.exchange(from.offer().token);
  if (made === null) throw new Error('no session');
  return made;
};

beforeEach(() => {
  nowMs = 1_000_000;
  kept = [];
});

test('a token is good once, for two minutes, and only the newest one', () => {
  const mine = tokens();
  const { token: older } = mine.offer();
  const { token, expiresAt } = mine.offer();
  expect([mine.exchange(older), mine.exchange('no token'), expiresAt.getTime()]).toEqual([
    null,
    null,
    nowMs + TOKEN_LIMIT_MS,
  ]);
  expect([typeof mine.exchange(token), mine.exchange(token)]).toEqual(['string', null]);
  const { token: late } = mine.offer();
  nowMs += TOKEN_LIMIT_MS + 1;
  expect(mine.exchange(late)).toBe(null);
});

test('a session is admitted, also by the next host, which knows only its hash', () => {
  const mine = tokens();
  const secret = session(mine);
  expect([mine.admits(secret), mine.admits('another'), mine.admits('')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(JSON.stringify(kept)).not.toContain(secret);
  expect(tokens(kept).admits(secret)).toBe(true);
});

test('a page that is not seen for a day needs a new link; one that is seen stays', () => {
  const mine = tokens();
  const [seen, unseen] = [session(mine), session(mine)];
  nowMs += SESSION_LIMIT_MS - 1;
  expect(mine.admits(seen)).toBe(true);
  nowMs += 2;
  expect([mine.admits(seen), mine.admits(unseen)]).toEqual([true, false]);
  session(mine);
  expect(kept).toHaveLength(2);
});

test('the oldest of too many sessions goes', () => {
  const mine = tokens();
  const all = Array.from({ length: 33 }, () => session(mine));
  expect(all.map((each) => mine.admits(each))).toEqual([false, ...all.slice(1).map(() => true)]);
});

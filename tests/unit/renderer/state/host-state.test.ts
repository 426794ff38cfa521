import { describe, expect, test } from 'vitest';
import {
  INITIAL_HOST_STATE,
  withDesk,
  withEarlier,
  withEvents,
  withFollowed,
  withLost,
  withOpening,
  withSummary,
  type HostState,
} from '../../../../renderer/state/host-state.ts';
import { epochSchema, sessionIdSchema } from '../../../../src/protocol/ids.ts';
import type { FollowResult } from '../../../../src/protocol/methods.ts';
import type { SessionEvent } from '../../../../src/protocol/session/events.ts';
import { reduce } from '../../../../src/protocol/session/reduce.ts';
import { summaryOf, type SessionState } from '../../../../src/protocol/session/state.ts';

const id = sessionIdSchema.parse('s_000000000001');
const other = sessionIdSchema.parse('s_000000000002');
const at = '2026-11-21T08:00:00.000Z';
const created: SessionEvent = {
  type: 'session.created',
  sessionId: id,
  agent: 'demo',
  cwd: '/p',
  worktree: null,
  mode: 'ask',
  title: 'Slugs',
  by: 'cli',
  seq: 1,
  at,
};
const notice = (seq: number): SessionEvent => ({
  type: 'notice',
  level: 'info',
  text: `n${seq}`,
  by: 'host',
  seq,
  at,
});
const titled = (seq: number, title: string): SessionEvent => ({
  type: 'session.titled',
  title,
  by: 'cli',
  seq,
  at,
});

const history = (last: number): SessionEvent[] => [
  created,
  ...Array.from({ length: last - 1 }, (_, i) => notice(i + 2)),
];
const stateAt = (events: SessionEvent[]): SessionState => {
  let state: SessionState | null = null;
  for (const event of events) state = reduce(state, event);
  if (state === null) throw new Error('no events');
  return state;
};
const followed = (events: SessionEvent[], from: number, continues: boolean): FollowResult => ({
  epoch: epochSchema.parse('e'),
  state: stateAt(events),
  events: events.slice(from),
  continues,
  earlier: continues ? 0 : from,
});
const texts = ({ open }: HostState): string[] =>
  [...(open?.items.items ?? [])].flatMap((item) => (item.kind === 'notice' ? [item.text] : []));

const opened = withFollowed(
  withOpening(INITIAL_HOST_STATE, id),
  id,
  followed(history(6), 3, false),
);

describe('the open session', () => {
  test('has the end of its transcript first, and says where the rest begins', () => {
    expect([texts(opened), opened.open?.earlier, opened.open?.phase]).toEqual([
      ['n4', 'n5', 'n6'],
      3,
      'open',
    ]);
  });

  test('gets the earlier page in front, to the very start', () => {
    const page = { events: history(6).slice(0, 3), more: false };
    const whole = withEarlier(opened, id, page);
    expect([texts(whole), whole.open?.earlier]).toEqual([['n2', 'n3', 'n4', 'n5', 'n6'], 0]);
  });

  test('goes on where it stood after a reconnect', () => {
    const again = withFollowed(opened, id, followed(history(8), 6, true));
    expect([texts(again), again.open?.earlier]).toEqual([['n4', 'n5', 'n6', 'n7', 'n8'], 3]);
  });

  test('starts over where the host cannot continue', () => {
    const again = withFollowed(opened, id, followed(history(8), 6, false));
    expect([texts(again), again.open?.earlier]).toEqual([['n7', 'n8'], 6]);
  });

  test('folds what arrives, and the list knows it too', () => {
    const next = withEvents(opened, id, [titled(7, 'Better slugs')]);
    expect([next.open?.state?.title, next.sessions.map(({ title }) => title)]).toEqual([
      'Better slugs',
      ['Better slugs'],
    ]);
  });

  test('ignores what belongs to another session', () => {
    expect(withEvents(opened, other, [titled(7, 'x')])).toBe(opened);
    expect(withFollowed(opened, other, followed(history(2), 0, false))).toBe(opened);
    expect(withEarlier(opened, other, { events: [], more: false })).toBe(opened);
    expect(withLost(opened, other, 'gone')).toBe(opened);
  });

  test('says why it is lost', () => {
    expect(withLost(opened, id, 'gone').open).toMatchObject({ phase: 'lost', reason: 'gone' });
  });
});

describe('the list', () => {
  const summary = summaryOf(stateAt(history(3)));

  test('takes a newer summary and no older one', () => {
    const listed = withDesk(INITIAL_HOST_STATE, {
      sessions: [summary],
      approvals: [],
      problems: [],
    });
    const newer = { ...summary, title: 'new', lastSeq: 9 };
    const state = withSummary(listed, newer);
    expect(state.sessions).toEqual([newer]);
    expect(withSummary(state, { ...summary, title: 'old' })).toBe(state);
  });

  test('gets a session it has not seen', () => {
    expect(withSummary(INITIAL_HOST_STATE, summary).sessions).toEqual([summary]);
  });

  test('says whether it is night; one of an older host says nothing of it', () => {
    const desk = { sessions: [], approvals: [], problems: [] };
    const night = { since: at, until: null, by: 'window' };
    const dark = withDesk(INITIAL_HOST_STATE, { ...desk, night });
    expect([dark, withDesk(dark, desk), withDesk(dark, { ...desk, night: null })]).toMatchObject([
      { night },
      { night },
      { night: null },
    ]);
    expect(withDesk(INITIAL_HOST_STATE, desk).night).toBeUndefined();
  });
});

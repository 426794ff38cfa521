import { describe, expect, test } from 'vitest';
import {
  commandsFor,
  isPossible,
  matching,
} from '../../../../../renderer/features/palette/commands.ts';
import {
  SHORTCUTS,
  type ShortcutName,
} from '../../../../../renderer/features/keyboard/shortcuts.ts';
import { en } from '../../../../../renderer/strings/en.ts';
import { instanceIdSchema, sessionIdSchema } from '../../../../../src/protocol/ids.ts';
import type { SessionEvent } from '../../../../../src/protocol/session/events.ts';
import { reduce } from '../../../../../src/protocol/session/reduce.ts';
import { summaryOf, type SessionState } from '../../../../../src/protocol/session/state.ts';

const created: SessionEvent = {
  type: 'session.created',
  sessionId: sessionIdSchema.parse('s_000000000001'),
  agent: 'demo',
  cwd: '/home/ada/blog',
  worktree: null,
  mode: 'ask',
  title: 'Slugs',
  by: 'cli',
  seq: 1,
  at: '2026-11-21T08:00:00.000Z',
};
const state: SessionState = { ...reduce(null, created), state: 'idle' };
const live: SessionState = { ...state, instance: instanceIdSchema.parse('i_000000000001') };

const names = (session: SessionState | null): string[] =>
  commandsFor(session, []).flatMap((command) => (command.kind === 'act' ? [command.name] : []));

const turnThat = (outcome: string | null): SessionState => ({
  ...live,
  turn: { turn: 1, startedAt: state.createdAt, endedAt: state.createdAt, outcome },
});
const made: SessionState = {
  ...live,
  worktree: '/w/slugs',
  worktreeState: 'made',
  origin: { root: '/home/ada/blog', branch: 'porchlight/slugs', base: 'main', baseCommit: 'ab' },
};

describe('the palette', () => {
  test.each([
    ['interrupted', true],
    ['failed', true],
    ['limited', true],
    ['cancelled', false],
    ['completed', false],
    [null, false],
  ])('after a turn that was %s offers to continue: %s', (outcome, offers) => {
    expect(isPossible('goOn', turnThat(outcome))).toBe(offers);
  });

  test('offers to land and to remove a worktree only while nothing changes beneath', () => {
    const possible = (session: SessionState) =>
      (['changes', 'land', 'discard'] as const).filter((name) => isPossible(name, session));
    expect([
      possible(live),
      possible(made),
      possible({ ...made, state: 'working' }),
      possible({ ...made, origin: made.origin && { ...made.origin, base: null } }),
      possible({ ...made, worktreeState: 'discarded' }),
    ]).toEqual([[], ['changes', 'land', 'discard'], ['changes'], ['changes', 'discard'], []]);
  });

  test('offers only what can be done now', () => {
    expect(names(null)).toEqual([
      'newSession',
      'home',
      'nextSession',
      'previousSession',
      'sessionList',
      'approval',
      'adopt',
      'pairPhone',
      'devices',
      'rules',
      'night',
      'log',
      'power',
      'attention',
      'notify',
      'reach',
      'showArchived',
      'shortcuts',
    ]);
    expect([isPossible('resume', state), isPossible('stop', state)]).toEqual([true, false]);
    expect([isPossible('resume', live), isPossible('stop', live)]).toEqual([false, true]);
    expect([
      isPossible('cancelTurn', live),
      isPossible('cancelTurn', { ...live, state: 'working' }),
    ]).toEqual([false, true]);
    expect([
      isPossible('attach', live),
      isPossible('attach', { ...live, accepts: { images: true, load: false } }),
    ]).toEqual([false, true]);
  });

  test('never decides an approval from a list of words', () => {
    expect(
      names({ ...live, state: 'waiting' }).filter((name) => name === 'allow' || name === 'deny'),
    ).toEqual([]);
  });

  test('finds commands and sessions by any of their words', () => {
    const all = commandsFor(live, [summaryOf(state)]);
    const found = (typed: string): string[] => matching(all, typed).map(({ words }) => words);
    expect(found('ses new')).toEqual(['New session']);
    expect(found('blog')).toEqual(['Slugs']);
    expect(found('stop')).toEqual(['Stop the agent']);
    expect(found('zzz')).toEqual([]);
    expect(found('').length).toBe(all.length);
  });

  test('every shortcut has its words on the sheet', () => {
    expect(Object.keys(en.palette.shortcuts).sort()).toEqual(
      (Object.keys(SHORTCUTS) as ShortcutName[]).sort(),
    );
  });
});

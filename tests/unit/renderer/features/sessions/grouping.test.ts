import { describe, expect, test } from 'vitest';
import { groupSessions, lampOf } from '../../../../../renderer/features/sessions/grouping.ts';
import type { SessionSummary } from '../../../../../src/protocol/session/state.ts';
import { agentIdSchema, sessionIdSchema } from '../../../../../src/protocol/ids.ts';

let next = 1;
function session(given: Partial<SessionSummary>): SessionSummary {
  const id = sessionIdSchema.parse(`s_${String(next++).padStart(12, '0')}`);
  return {
    id,
    agent: agentIdSchema.parse('demo'),
    title: id,
    cwd: '/p',
    worktree: null,
    worktreeState: null,
    branch: null,
    shared: false,
    state: 'idle',
    parked: null,
    interrupted: false,
    mode: 'ask',
    approvals: 0,
    queued: 0,
    lastSeq: 1,
    createdAt: '2026-11-21T08:00:00.000Z',
    updatedAt: '2026-11-21T08:00:00.000Z',
    archived: false,
    problem: null,
    ...given,
  };
}

const shape = (sessions: SessionSummary[]) =>
  groupSessions(sessions).map((group) => [group.name, group.sessions.map(({ title }) => title)]);

describe('the session list', () => {
  test('puts what needs the person first, the longest waiting on top', () => {
    const sessions = [
      session({ title: 'ended', state: 'ended' }),
      session({ title: 'busy', state: 'working' }),
      session({
        title: 'asks now',
        state: 'waiting',
        approvals: 1,
        updatedAt: '2026-11-21T09:00:00Z',
      }),
      session({
        title: 'asks long',
        state: 'waiting',
        approvals: 2,
        updatedAt: '2026-11-21T08:30:00Z',
      }),
      session({ title: 'broken', state: 'failed', updatedAt: '2026-11-21T08:10:00Z' }),
      session({ title: 'starts', state: 'starting', createdAt: '2026-11-21T09:00:00Z' }),
    ];
    expect(shape(sessions)).toEqual([
      ['needsYou', ['broken', 'asks long', 'asks now']],
      ['working', ['starts', 'busy']],
      ['ended', ['ended']],
    ]);
  });

  test('puts what was cut short under "needs you", and what goes on by itself first under "quiet"', () => {
    const parked = (title: string, until: string) =>
      session({ title, state: 'parked', parked: { until, reason: 'A limit.', attempt: 1 } });
    const sessions = [
      session({ title: 'idle' }),
      parked('later', '2026-11-21T12:00:00.000Z'),
      parked('sooner', '2026-11-21T11:00:00.000Z'),
      session({ title: 'cut', interrupted: true }),
    ];
    expect(shape(sessions)).toEqual([
      ['needsYou', ['cut']],
      ['quiet', ['sooner', 'later', 'idle']],
    ]);
  });

  test('does not move a working row when its agent talks', () => {
    const a = session({ title: 'a', state: 'working', createdAt: '2026-11-21T08:00:00Z' });
    const b = session({ title: 'b', state: 'working', createdAt: '2026-11-21T07:00:00Z' });
    const talked = { ...b, updatedAt: '2026-11-21T10:00:00Z' };
    expect(shape([a, talked])).toEqual(shape([a, b]));
  });

  test('keeps what is put away apart, even where it asks', () => {
    expect(shape([session({ title: 'old', archived: true, approvals: 1 })])).toEqual([
      ['archived', ['old']],
    ]);
  });
});

describe('the lamp', () => {
  test.each([
    ['idle', [], false],
    ['idle', [session({})], false],
    ['working', [session({ state: 'working' })], false],
    ['needsYou', [session({ state: 'working' }), session({ approvals: 1 })], false],
    ['problem', [session({ approvals: 1 })], true],
  ] as const)('is %s', (lamp, sessions, hasProblem) => {
    expect(lampOf(sessions, hasProblem)).toBe(lamp);
  });
});

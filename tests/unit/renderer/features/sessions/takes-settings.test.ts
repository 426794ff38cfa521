import { expect, test } from 'vitest';
import {
  takesMode,
  takesOption,
} from '../../../../../renderer/features/sessions/takes-settings.ts';
import { sessionEventSchema } from '../../../../../src/protocol/session/events.ts';
import { reduce } from '../../../../../src/protocol/session/reduce.ts';
import type { SessionState } from '../../../../../src/protocol/session/state.ts';

const instance = 'i_000000000001';
const LIFE = [
  {
    type: 'session.created',
    sessionId: 's_000000000001',
    agent: 'demo',
    cwd: '/p',
    worktree: null,
    mode: 'ask',
    title: 'A session',
    by: 'cli',
  },
  {
    type: 'agent.started',
    instance,
    name: 'Fake',
    version: '1',
    agentSession: 'fake',
    loaded: false,
    accepts: { images: true, load: true },
  },
  { type: 'agent.exited', instance, expected: true, hibernated: true, code: 0, signal: null },
];

function stateAfter(events: readonly object[]): SessionState {
  const at = '2026-11-21T08:00:00.000Z';
  const state = events.reduce<SessionState | null>(
    (before, event, index) =>
      reduce(before, sessionEventSchema.parse({ ...event, seq: index + 1, at })),
    null,
  );
  if (state === null) throw new Error('no events');
  return state;
}

test.each([
  ['at rest', LIFE, { mode: true, option: true }],
  ['that starts', LIFE.slice(0, 1), { mode: false, option: false }],
  ['with its agent running', LIFE.slice(0, 2), { mode: true, option: true }],
  // The host wakes only what is idle; a mode it keeps for the next start.
  ['ended', [...LIFE, { type: 'session.ended', by: 'cli' }], { mode: true, option: false }],
  [
    'put away',
    [...LIFE, { type: 'session.archived', archived: true, by: 'cli' }],
    { mode: false, option: false },
  ],
  [
    'without its worktree',
    [...LIFE, { type: 'worktree.discarded', keptAs: null, by: 'cli' }],
    { mode: false, option: false },
  ],
])('a session %s takes the settings that the host takes for it', (_, events, takes) => {
  const state = stateAfter(events);
  expect({ mode: takesMode(state), option: takesOption(state) }).toEqual(takes);
});

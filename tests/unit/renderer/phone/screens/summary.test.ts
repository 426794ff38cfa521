import { expect, test } from 'vitest';
import { atAGlance } from '../../../../../renderer/phone/screens/summary.ts';
import { INITIAL_HOST_STATE } from '../../../../../renderer/state/host-state.ts';
import { commandIdSchema, sessionIdSchema } from '../../../../../src/protocol/ids.ts';
import { summaryOf } from '../../../../../src/protocol/session/state.ts';
import { FakeHost } from '../../../../fakes/fake-host.ts';
import { approval } from '../../../../e2e/support/window-scenes.ts';

function state() {
  const host = new FakeHost();
  const add = (title: string) => host.addSession({ title });
  const [asks, works, rests, fails, hangs] = ['Asks', 'Works', 'Rests', 'Fails', 'Hangs'].map(add);
  if (!asks || !works || !rests || !fails || !hangs) throw new Error('Five were made.');
  const commandId = commandIdSchema.parse('01938f00-0000-7000-8000-0000000000aa');
  for (const id of [works, hangs]) host.append(id, { type: 'turn.started', turn: 1, commandId });
  const open = approval(host, asks, {});
  host.append(asks, { type: 'approval.opened', approval: open });
  host.append(fails, {
    type: 'session.failed',
    problem: { message: 'It ended.', kind: 'exited' },
  });
  return { host, ids: { asks, works, rests, fails, hangs }, open };
}

test('what needs a person stands with what it is and since when, and what works beside it', () => {
  const { host, ids, open } = state();
  const since = '2026-11-21T07:00:00.000Z';
  const sessions = [...host.sessions.values()].map(({ state: of }) => summaryOf(of));
  const summary = atAGlance({
    ...INITIAL_HOST_STATE,
    sessions,
    approvals: [open],
    problems: [],
    pulses: [
      { sessionId: ids.hangs, pulse: 'hangs', since, heardAt: since, because: 'It stands still.' },
      { sessionId: ids.works, pulse: 'working', since, heardAt: since, because: '' },
    ],
  });
  const rows = (of: typeof summary.needs) => of.map(({ title, words }) => `${title}: ${words}`);
  expect([rows(summary.needs), rows(summary.works), summary.quiet]).toEqual([
    ['Hangs: Its agent does not answer', 'Asks: Waits for a decision', 'Fails: Failed'],
    ['Works: Working'],
    1,
  ]);
  expect(summary.needs[0]).toMatchObject({ since, to: { name: 'session', sessionId: ids.hangs } });
  expect(summary.works[0]?.since).toBe(since);
});

test('what was put away is not counted, and what is wrong with the computer comes first', () => {
  const { host, ids } = state();
  const sessions = [...host.sessions.values()].map(({ state: of }) => ({
    ...summaryOf(of),
    archived: of.id !== ids.works,
  }));
  const problems = [{ id: 'disk', message: 'The disk is full.' }];
  const summary = atAGlance({ ...INITIAL_HOST_STATE, sessions, problems });
  expect([summary.needs.map(({ words }) => words), summary.works.length, summary.quiet]).toEqual([
    ['The disk is full.'],
    1,
    0,
  ]);
  expect(sessionIdSchema.safeParse(summary.works[0]?.key).success).toBe(true);
});

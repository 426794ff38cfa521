import { expect, test } from 'vitest';
import {
  takesMode,
  takesOption,
} from '../../../../../renderer/features/sessions/takes-settings.ts';
import { FakeHost } from '../../../../fakes/fake-host.ts';
import { gone } from '../../../../e2e/support/work-scenes.ts';
import type { EventBody } from '../../../../../src/protocol/session/events.ts';

const settings = (...events: EventBody[]) => {
  const host = new FakeHost();
  const id = host.addSession();
  gone(host, id, true);
  for (const event of events) host.append(id, event);
  const { state } = host.session(id);
  return { mode: takesMode(state), option: takesOption(state) };
};

test.each([
  ['at rest', [], { mode: true, option: true }],
  // The host wakes only what is idle; a mode it keeps for the next start.
  ['ended', [{ type: 'session.ended', by: 'cli' }], { mode: true, option: false }],
  [
    'put away',
    [{ type: 'session.archived', archived: true, by: 'cli' }],
    { mode: false, option: false },
  ],
  [
    'without its worktree',
    [{ type: 'worktree.discarded', keptAs: null, by: 'cli' }],
    { mode: false, option: false },
  ],
] as const)('a session %s takes the settings that the host takes for it', (_, events, takes) => {
  expect(settings(...events)).toEqual(takes);
});

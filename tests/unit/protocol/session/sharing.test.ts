import { expect, test } from 'vitest';
import { sessionIdSchema } from '../../../../src/protocol/ids.ts';
import { isInside, sharedWith, type Placed } from '../../../../src/protocol/session/sharing.ts';

const idOf = (letter: string) => sessionIdSchema.parse(`s_${letter.repeat(12)}`);

function placed(letter: string, cwd: string, more: Partial<Placed> = {}): Placed {
  return {
    id: idOf(letter),
    cwd,
    worktree: null,
    worktreeState: null,
    state: 'idle',
    archived: false,
    ...more,
  };
}

const names = (session: Placed, all: Placed[]) =>
  sharedWith(session, all).map(({ id }) => id.at(-1));

test('sessions in one folder, inside or above it share it; neighbours do not', () => {
  const all = [
    placed('a', '/work/app'),
    placed('b', '/work/app/src'),
    placed('c', '/work'),
    placed('d', '/work/app-two'),
    placed('e', '/'),
  ];
  expect(all.map((session) => [session.id.at(-1), names(session, all)])).toEqual([
    ['a', ['b', 'c', 'e']],
    ['b', ['a', 'c', 'e']],
    ['c', ['a', 'b', 'd', 'e']],
    ['d', ['c', 'e']],
    ['e', ['a', 'b', 'c', 'd']],
  ]);
});

test('only those at work count: not ended, failed, archived or discarded ones', () => {
  const asked = placed('a', '/work/app');
  const gone = [
    placed('b', '/work/app', { state: 'ended' }),
    placed('c', '/work/app', { state: 'failed' }),
    placed('d', '/work/app', { archived: true }),
    placed('e', '/work/app', { worktreeState: 'discarded', worktree: '/work/app' }),
  ];
  expect(names(asked, [asked, ...gone])).toEqual([]);
  expect(gone.map((session) => names(session, [asked]))).toEqual([[], [], [], []]);
});

test('a worktree is shared with those started inside it, not with those above it', () => {
  const worktree = '/home/me/.porchlight/worktrees/app-1/fix';
  const own = placed('a', `${worktree}/src`, { worktree, worktreeState: 'made' });
  const inside = placed('b', `${worktree}/docs`);
  const above = placed('c', '/home/me');
  const all = [own, inside, above];
  expect([names(own, all), names(inside, all), names(above, all)]).toEqual([
    ['b'],
    ['a', 'c'],
    ['b'],
  ]);
});

test('a folder inside another is told by whole names, on Windows too', () => {
  expect([
    isInside('C:\\work\\app', 'C:\\work'),
    isInside('C:\\work\\app', 'C:\\'),
    isInside('C:\\work-two', 'C:\\work'),
    isInside('\\\\server\\share\\a', '\\\\server\\share'),
    isInside('/a\\b', '/a'),
    isInside('/a', '/'),
  ]).toEqual([true, true, false, true, false, true]);
});

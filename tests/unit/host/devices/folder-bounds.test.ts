import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderBounds } from '../../../../src/host/devices/folder-bounds.ts';

let base: string;
const at = (...parts: string[]) => join(base, ...parts);
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'bounds-')));
  for (const folder of ['work/app', 'workshop', 'secret', 'used/below', 'old', 'tree'])
    mkdirSync(at(folder), { recursive: true });
  symlinkSync(at('secret'), at('work', 'escape'));
  symlinkSync(at('work'), at('link-to-work'));
  symlinkSync(at('used'), at('link-to-used'));
  writeFileSync(at('work', 'file'), '');
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const session = (cwd: string, updatedAt: string, root?: string) => ({
  cwd,
  updatedAt,
  origin: root === undefined ? null : { root, branch: 'b', base: null, baseCommit: 'c' },
});
const bounds = (roots: string[] = []) =>
  new FolderBounds({
    roots: () => roots,
    sessions: () => [
      session(at('old'), '2026-01-01T00:00:00.000Z'),
      session(at('used'), '2026-01-03T00:00:00.000Z'),
      session(at('worktrees/x'), '2026-01-02T00:00:00.000Z', at('tree')),
      session(at('used'), '2026-01-02T00:00:00.000Z'),
    ],
  });

async function outcome(act: Promise<unknown>): Promise<unknown> {
  return await act.catch((error: unknown) =>
    error instanceof Error && 'code' in error ? error.code : String(error),
  );
}
const NOT_ALLOWED = -32017;
const REFUSED = -32012;

test('without roots a device may work only in folders where a session ran, itself and not below', async () => {
  const places = bounds();
  const tried = await Promise.all(
    [
      at('used'),
      at('link-to-used'),
      at('tree'),
      at('used/below'),
      at('worktrees/x'),
      at('work'),
      at('nowhere'),
      'used',
      '',
      '/',
    ].map((path) => outcome(places.mayWorkIn(path))),
  );
  expect(tried).toEqual([
    at('used'),
    at('used'),
    at('tree'),
    ...Array.from({ length: 7 }, () => NOT_ALLOWED),
  ]);
});

test('at and below a root it may work, but not beside it, through it or out of it', async () => {
  const places = bounds([at('link-to-work'), at('gone'), 'relative']);
  const tried = await Promise.all(
    [
      at('work'),
      at('work/app'),
      at('link-to-work/app'),
      at('work/nowhere'),
      at('workshop'),
      at('work/escape'),
      `${at('work')}/../secret`,
      `${at('work/app')}/../app`,
      at('link-to-work/nowhere'),
      `${at('work')}\0`,
    ].map((path) => outcome(places.mayWorkIn(path))),
  );
  expect(tried).toEqual([
    at('work'),
    at('work/app'),
    at('work/app'),
    REFUSED,
    NOT_ALLOWED,
    NOT_ALLOWED,
    NOT_ALLOWED,
    NOT_ALLOWED,
    NOT_ALLOWED,
    NOT_ALLOWED,
  ]);
});

test('looking around begins at the first root and never leads above one', async () => {
  const places = bounds([at('work'), at('workshop')]);
  expect([
    await places.mayList(undefined),
    await places.mayList(at('workshop')),
    await places.mayList(at('work/app')),
    await outcome(places.mayList(base)),
    await outcome(places.mayList(at('used'))),
    await outcome(bounds().mayList(undefined)),
  ]).toEqual([
    { folder: at('work'), isRoot: true },
    { folder: at('workshop'), isRoot: true },
    { folder: at('work/app'), isRoot: false },
    NOT_ALLOWED,
    NOT_ALLOWED,
    NOT_ALLOWED,
  ]);
});

test('the folders that are offered are the newest first, a worktree as its checkout, each once', async () => {
  const places = bounds(['~', at('work'), at('gone')]);
  expect(places.recent()).toEqual([at('used'), at('tree'), at('old')]);
  expect((await places.roots()).slice(1)).toEqual([at('work')]);
});

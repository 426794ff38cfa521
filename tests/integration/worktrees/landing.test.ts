import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changesOf } from '../../../src/host/worktrees/changes.ts';
import { treeOf } from '../../../src/host/worktrees/keep.ts';
import { RpcFailure } from '../../../src/protocol/errors.ts';
import { RepositoryUnderTest } from './repository-under-test.ts';

let bench: RepositoryUnderTest;
beforeEach(() => {
  bench = new RepositoryUnderTest();
});
afterEach(() => bench.remove());

/** What is refused must have changed nothing. */
async function refusal(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof RpcFailure) return error.message;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe('changes', () => {
  it('tells committed, uncommitted and new files, however they are called', async () => {
    bench.commit(
      { 'old name.txt': 'x\n'.repeat(50), 'gone.txt': 'a\nb\n', bin: '\0\u0001' },
      'more',
    );
    const own = await bench.session();
    const odd = 'a "quoted"\n\ttab ü.txt';
    bench.at(own.worktree, 'mv', 'old name.txt', 'new name.txt');
    bench.commit({ 'a.txt': 'one\ntwo\n' }, 'work', own.worktree);
    bench.write({ [odd]: 'x\n', ':colon': 'y\n', bin: '\0\u0002' }, own.worktree);
    rmSync(join(own.worktree, 'gone.txt'));
    const changed = { insertions: 0, deletions: 0, binary: false };
    expect(await changesOf(bench.git, own, false)).toEqual({
      files: [
        { ...changed, path: ':colon', status: 'added', insertions: 1 },
        { ...changed, path: odd, status: 'added', insertions: 1 },
        { ...changed, path: 'a.txt', status: 'modified', insertions: 1 },
        { ...changed, path: 'bin', status: 'modified', binary: true },
        { ...changed, path: 'gone.txt', status: 'deleted', deletions: 2 },
        { ...changed, path: 'new name.txt', from: 'old name.txt', status: 'renamed' },
      ],
      total: 6,
      insertions: 3,
      deletions: 2,
      branch: 'porchlight/task',
      base: 'main',
      commits: 1,
      uncommitted: true,
      landed: false,
    });
    expect(bench.at(own.worktree, 'diff', '--cached', '--name-only')).toBe('');
  });

  it('are the session’s own when the base has moved on', async () => {
    const own = await bench.session();
    bench.commit({ 'b.txt': 'of the person\n' }, 'theirs');
    bench.write({ 'a.txt': 'of the session\n' }, own.worktree);
    const changes = await changesOf(bench.git, own, true);
    expect(changes.files.map(({ path }) => path)).toEqual(['a.txt']);
    expect(changes.patch).toContain('+of the session');
  });

  it('are seen when they come in the same second, with the same length', async () => {
    const own = await bench.session();
    const seen: string[][] = [];
    for (let round = 0; round < 5; round += 1) {
      bench.at(own.worktree, 'reset', '-q', '--hard');
      bench.write({ 'a.txt': 'two\n' }, own.worktree);
      const { files } = await changesOf(bench.git, own, false);
      const tree = await treeOf(bench.git, own.worktree);
      seen.push([...files.map(({ path }) => path), bench.sh('show', `${tree}:a.txt`)]);
    }
    expect(seen).toEqual(seen.map(() => ['a.txt', 'two']));
  });

  it('are none at the beginning', async () => {
    const own = await bench.session();
    const { files, commits, uncommitted, landed } = await changesOf(bench.git, own, false);
    expect({ files, commits, uncommitted, landed }).toEqual({
      files: [],
      commits: 0,
      uncommitted: false,
      landed: true,
    });
  });
});

describe('land', () => {
  it.each([['merge'], ['squash'], ['cherry-pick']] as const)(
    'by %s brings commits and uncommitted work to the base and its checkout, again and again',
    async (way) => {
      const own = await bench.session();
      bench.commit({ 'a.txt': 'two\n' }, 'by the agent', own.worktree);
      bench.write({ 'new.txt': 'new\n' }, own.worktree);
      bench.commit({ 'theirs.txt': 'x\n' }, 'by the person');
      const first = await bench.land(own, way);
      expect({ ...first, commit: null }).toEqual({
        outcome: 'landed',
        base: 'main',
        commit: null,
        commits: 2,
        conflicts: [],
      });
      expect(first.commit).toBe(bench.sh('rev-parse', 'main'));
      expect([bench.read('a.txt'), bench.read('new.txt'), bench.read('theirs.txt')]).toEqual([
        'two\n',
        'new\n',
        'x\n',
      ]);
      expect(bench.sh('status', '--porcelain')).toBe('');
      expect((await bench.land(own, way)).outcome).toBe('nothing');
      // The same line again: what landed before must not come back as a conflict.
      bench.commit({ 'a.txt': 'three\n' }, 'further', own.worktree);
      expect(await bench.land(own, way)).toMatchObject({ outcome: 'landed', commits: 1 });
      expect(bench.read('a.txt')).toBe('three\n');
      expect(readdirSync(join(bench.worktrees, '.landing'))).toEqual([]);
    },
  );

  it('makes the commits each way promises', async () => {
    const subjects = async (way: 'merge' | 'squash' | 'cherry-pick') => {
      const own = await bench.session(`by-${way}`);
      bench.commit({ [way]: '1\n' }, `${way} one`, own.worktree);
      bench.commit({ [way]: '2\n' }, `${way} two`, own.worktree);
      const before = bench.sh('rev-parse', 'main');
      await bench.land(own, way, `Landing by ${way}`);
      return bench.sh('log', '--format=%s', `${before}..main`).split('\n');
    };
    expect([
      await subjects('merge'),
      await subjects('squash'),
      await subjects('cherry-pick'),
    ]).toEqual([
      ['Landing by merge', 'merge two', 'merge one'],
      ['Landing by squash'],
      ['cherry-pick two', 'cherry-pick one'],
    ]);
  });

  it.each([['merge'], ['squash'], ['cherry-pick']] as const)(
    'by %s leaves both sides as they were on a conflict, and names the files',
    async (way) => {
      const own = await bench.session();
      bench.commit({ 'a.txt': 'theirs\n', 'b.txt': 'fine\n' }, 'agent', own.worktree);
      bench.write({ 'new.txt': 'not committed\n' }, own.worktree);
      bench.commit({ 'a.txt': 'mine\n' }, 'person');
      const before = bench.picture(own);
      expect(await bench.land(own, way)).toEqual({
        outcome: 'conflict',
        base: 'main',
        commit: null,
        commits: 0,
        conflicts: ['a.txt'],
      });
      expect(bench.picture(own)).toEqual(before);
    },
  );

  it('keeps local changes of the person that are not in the way, and names those that are', async () => {
    const own = await bench.session();
    bench.commit({ 'a.txt': 'two\n', 'sub/new.txt': 'x\n' }, 'agent', own.worktree);
    bench.write({ 'b.txt': 'local\n', 'a.txt': 'local too\n', 'sub/new.txt': 'untracked\n' });
    const before = bench.picture(own);
    expect(await refusal(async () => await bench.land(own))).toMatch(
      /Local changes in .* are in the way: a\.txt, sub\/new\.txt\. Commit/,
    );
    expect(bench.picture(own)).toEqual(before);
    bench.sh('checkout', '-q', 'a.txt');
    rmSync(join(bench.root, 'sub'), { recursive: true });
    expect((await bench.land(own)).outcome).toBe('landed');
    expect([bench.read('a.txt'), bench.read('b.txt'), bench.sh('status', '--porcelain')]).toEqual([
      'two\n',
      'local\n',
      ' M b.txt',
    ]);
  });

  it('moves a base that is checked out nowhere, and one that is checked out elsewhere', async () => {
    const own = await bench.session();
    bench.commit({ 'a.txt': 'two\n' }, 'agent', own.worktree);
    bench.sh('checkout', '-q', '-b', 'other');
    expect((await bench.land(own)).outcome).toBe('landed');
    expect([bench.sh('show', 'main:a.txt'), bench.read('a.txt')]).toEqual(['two', 'one\n']);
    const elsewhere = join(bench.folder, 'else where');
    bench.sh('worktree', 'add', '-q', elsewhere, 'main');
    bench.commit({ 'a.txt': 'three\n' }, 'agent', own.worktree);
    expect((await bench.land(own)).outcome).toBe('landed');
    expect([bench.read('a.txt', elsewhere), bench.at(elsewhere, 'status', '--porcelain')]).toEqual([
      'three\n',
      '',
    ]);
  });

  it('refuses in words: a base that is gone, none at all, work under way, no identity', async () => {
    const own = await bench.session();
    bench.write({ 'a.txt': 'two\n' }, own.worktree);
    const said: string[] = [];
    bench.sh('checkout', '-q', '-b', 'other');
    bench.sh('branch', '-D', '-q', 'main');
    said.push(await refusal(async () => await bench.land(own)));
    bench.sh('branch', 'main', own.origin.baseCommit);
    const detached = { ...own, origin: { ...own.origin, base: null } };
    said.push(await refusal(async () => await bench.land(detached)));
    bench.commit({ 'a.txt': 'conflict\n' }, 'theirs');
    bench.commit({}, 'mine', own.worktree);
    expect(() => bench.at(own.worktree, 'merge', '-q', 'other')).toThrow('merge');
    said.push(await refusal(async () => await bench.land(own)));
    bench.at(own.worktree, 'merge', '--abort');
    writeFileSync(bench.env.GIT_CONFIG_GLOBAL ?? '', '');
    said.push(await refusal(async () => await bench.land(own)));
    expect(said).toEqual([
      expect.stringContaining('The branch main that the session began at is not in'),
      expect.stringContaining('no branch was checked out'),
      expect.stringContaining('a merge is under way'),
      expect.stringContaining('git does not know who you are'),
    ]);
  });

  it('picks no merges, and lands them in the other ways', async () => {
    const own = await bench.session();
    bench.commit({ 'a.txt': 'two\n' }, 'agent', own.worktree);
    bench.commit({ 'b.txt': 'two\n' }, 'person');
    bench.at(own.worktree, 'merge', '-q', '--no-edit', 'main');
    expect(await refusal(async () => await bench.land(own, 'cherry-pick'))).toContain(
      'cannot be picked one by one',
    );
    expect((await bench.land(own, 'squash')).outcome).toBe('landed');
  });

  it('goes on after an end between the moved base and the note of it', async () => {
    const own = await bench.session();
    bench.write({ 'a.txt': 'two\n' }, own.worktree);
    const tree = `${bench.at(own.worktree, 'stash', 'create')}^{tree}`;
    const work = bench.at(own.worktree, 'commit-tree', '-p', 'HEAD', '-m', 'work', tree);
    bench.sh('merge', '-q', '--squash', work);
    bench.sh('commit', '-q', '-m', 'landed by a host that is no more');
    const landed = bench.sh('rev-parse', 'main');
    bench.sh('update-ref', `refs/porchlight/landing/${own.id}/to`, landed);
    bench.sh('update-ref', `refs/porchlight/landing/${own.id}/work`, work);
    expect(await bench.land(own, 'squash')).toMatchObject({
      outcome: 'landed',
      commit: landed,
      commits: 1,
    });
    expect(bench.at(own.worktree, 'rev-parse', 'HEAD')).toBe(landed);
    expect(bench.at(own.worktree, 'status', '--porcelain')).toBe('');
    expect(bench.sh('for-each-ref', 'refs/porchlight/landing')).toBe('');
    expect((await bench.land(own, 'squash')).outcome).toBe('nothing');
  });

  it('runs no hook of the repository', async () => {
    for (const hook of [
      'pre-commit',
      'commit-msg',
      'post-checkout',
      'post-merge',
      'reference-transaction',
    ]) {
      const file = join(bench.root, '.git', 'hooks', hook);
      writeFileSync(file, `#!/bin/sh\necho ${hook} >> '${join(bench.folder, 'ran')}'\nexit 1\n`);
      chmodSync(file, 0o755);
    }
    const own = await bench.session();
    bench.write({ 'a.txt': 'two\n' }, own.worktree);
    expect((await bench.land(own)).outcome).toBe('landed');
    expect(existsSync(join(bench.folder, 'ran'))).toBe(false);
  });

  it('leaves a repository that lies in the worktree alone, and says so', async () => {
    const own = await bench.session();
    bench.at(own.worktree, 'init', '-q', 'inner');
    bench.commit({ x: '1' }, 'inner', join(own.worktree, 'inner'));
    expect(await refusal(async () => await bench.land(own))).toContain(
      'inner/ in ' + own.worktree + ' is a git repository of its own',
    );
  });
});

import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/log.ts';
import { discard } from '../../../src/host/worktrees/discard.ts';
import { leftovers, sweep } from '../../../src/host/worktrees/sweep.ts';
import type { OwnWorktree } from '../../../src/host/worktrees/words.ts';
import { RepositoryUnderTest } from './repository-under-test.ts';

let bench: RepositoryUnderTest;
beforeEach(() => {
  bench = new RepositoryUnderTest();
});
afterEach(() => bench.remove());

let ended = 0;
async function thrownAway(own: OwnWorktree, force = false, isBaseOfOthers = false) {
  return await discard(bench.git, {
    own,
    force,
    endAgent: () => void (ended += 1),
    isBaseOfOthers: () => isBaseOfOthers,
  });
}

const branches = () => bench.sh('branch', '--format=%(refname:short)').split('\n');

describe('discard', () => {
  it('removes worktree and branch when nothing would be lost', async () => {
    bench.commit({ '.gitignore': 'ignored\n' }, 'ignore');
    const own = await bench.session();
    bench.write({ 'ignored/x': 'may go' }, own.worktree);
    expect(await thrownAway(own)).toBe(null);
    expect([existsSync(own.worktree), branches()]).toEqual([false, ['main']]);
    expect(bench.sh('worktree', 'list', '--porcelain')).not.toContain('task');
  });

  it('refuses with what would be lost, and changes nothing', async () => {
    const own = await bench.session();
    bench.commit({ 'a.txt': 'two\n' }, 'work', own.worktree);
    bench.write({ 'new "file"': 'x' }, own.worktree);
    const before = [bench.picture(own), ended];
    await expect(thrownAway(own)).rejects.toMatchObject({
      message: expect.stringContaining('would lose 1 commit and 1 uncommitted file (new "file")'),
      data: { kind: 'wouldLose', commits: 1, files: ['new "file"'] },
    });
    expect([bench.picture(own), ended]).toEqual(before);
  });

  it('by force keeps everything under a ref first, new files and all', async () => {
    const own = await bench.session();
    bench.commit({ 'a.txt': 'two\n' }, 'work', own.worktree);
    bench.write({ 'a.txt': 'three\n', 'new ü/file': 'x\n' }, own.worktree);
    bench.at(own.worktree, 'add', 'a.txt');
    rmSync(join(own.worktree, 'b.txt'));
    const kept = await thrownAway(own, true);
    expect(kept).toBe('refs/porchlight/kept/task');
    const at = (name: string) => bench.sh('show', `${kept}:${name}`);
    expect([
      at('a.txt'),
      at('new ü/file'),
      bench.sh('log', '-1', '--format=%s', `${kept}^`),
    ]).toEqual(['three', 'x', 'work']);
    expect(() => at('b.txt')).toThrow('b.txt');
    expect([existsSync(own.worktree), branches()]).toEqual([false, ['main']]);
    const second = await bench.session();
    bench.write({ x: '' }, second.worktree);
    expect(await thrownAway(second, true)).toBe('refs/porchlight/kept/task-2');
  });

  it('keeps without an identity of the person', async () => {
    writeFileSync(bench.env.GIT_CONFIG_GLOBAL ?? '', '');
    const own = await bench.session();
    bench.write({ x: '' }, own.worktree);
    expect(await thrownAway(own, true)).toBe('refs/porchlight/kept/task');
  });

  it('ends the same after an end between keeping and removing', async () => {
    const own = await bench.session();
    bench.write({ x: 'precious' }, own.worktree);
    const { removeCheckout } = await import('../../../src/host/worktrees/remove.ts');
    // A try that had kept, and removed the folder, and not the branch.
    const kept = await thrownAway(own, true);
    expect(await thrownAway(own, false)).toBe(kept);
    const other = await bench.session('other');
    bench.write({ x: 'precious' }, other.worktree);
    bench.sh('update-ref', 'refs/porchlight/kept/other', 'main');
    expect(await thrownAway(other, true)).toBe('refs/porchlight/kept/other-2');
    await removeCheckout(bench.git, bench.root, other.worktree);
  });

  it('keeps the commits of a worktree whose folder was deleted by hand', async () => {
    const own = await bench.session();
    bench.commit({ 'a.txt': 'two\n' }, 'work', own.worktree);
    rmSync(own.worktree, { recursive: true });
    await expect(thrownAway(own)).rejects.toThrow('would lose 1 commit.');
    const kept = await thrownAway(own, true);
    expect(bench.sh('show', `${kept}:a.txt`)).toBe('two');
    expect(branches()).toEqual(['main']);
  });

  it('counts as lost only what no other branch, tag or remote has', async () => {
    const own = await bench.session();
    bench.commit({ 'a.txt': 'two\n' }, 'work', own.worktree);
    bench.sh('tag', 'saved', 'porchlight/task');
    expect(await thrownAway(own)).toBe(null);
    expect(bench.sh('show', 'saved:a.txt')).toBe('two');
  });

  it('keeps a commit that no branch is at', async () => {
    const own = await bench.session();
    bench.at(own.worktree, 'checkout', '-q', '--detach');
    bench.commit({ 'a.txt': 'two\n' }, 'work', own.worktree);
    await expect(thrownAway(own)).rejects.toThrow('would lose 1 commit');
    expect(bench.sh('show', `${await thrownAway(own, true)}:a.txt`)).toBe('two');
  });

  it('leaves a branch that others land on, or that is checked out elsewhere', async () => {
    expect(await thrownAway(await bench.session('one'), false, true)).toBe(null);
    const two = await bench.session('two');
    bench.at(two.worktree, 'checkout', '-q', '--detach');
    bench.sh('checkout', '-q', 'porchlight/two');
    expect(await thrownAway(two)).toBe(null);
    expect(branches()).toEqual(['main', 'porchlight/one', 'porchlight/two']);
  });

  it('does not touch a repository inside the worktree, force or not', async () => {
    const own = await bench.session();
    bench.at(own.worktree, 'init', '-q', 'inner');
    bench.write({ x: 'precious' }, join(own.worktree, 'inner'));
    await expect(thrownAway(own, true)).rejects.toThrow('is a git repository of its own');
    expect(bench.read('inner/x', own.worktree)).toBe('precious');
  });

  it('removes write-protected folders, as caches of packages are', async () => {
    bench.commit({ '.gitignore': 'cache\n' }, 'ignore');
    const own = await bench.session();
    bench.write({ 'cache/deep/x': '' }, own.worktree);
    chmodSync(join(own.worktree, 'cache/deep'), 0o500);
    await thrownAway(own);
    expect(existsSync(own.worktree)).toBe(false);
  });

  it('does nothing where the repository is gone and the worktree is not', async () => {
    const own = await bench.session();
    rmSync(bench.root, { recursive: true });
    await expect(thrownAway(own, true)).rejects.toThrow('nobody can tell what would be lost');
    rmSync(own.worktree, { recursive: true });
    expect(await thrownAway(own, true)).toBe(null);
  });
});

describe('the sweep', () => {
  const swept = async (
    sessions: { worktree: string; worktreeState: 'made' | 'discarded' }[] = [],
  ) =>
    await sweep(
      {
        git: bench.git,
        logger: silentLogger,
        worktrees: bench.worktrees,
        sessions: () => sessions,
        now: () => new Date(),
      },
      leftovers(bench.worktrees),
    );

  it('removes what no session has and holds nothing of its own, and tells of the rest', async () => {
    const [named, clean, dirty, ahead] = await Promise.all(
      ['named', 'clean', 'dirty', 'ahead'].map((slug) => bench.session(slug)),
    );
    if (!named || !clean || !dirty || !ahead) throw new Error('no sessions');
    bench.write({ x: '' }, dirty.worktree);
    bench.commit({ x: '' }, 'work', ahead.worktree);
    mkdirSync(join(bench.worktrees, 'app-1', 'empty'));
    bench.write({ x: 'precious' }, join(bench.worktrees, 'app-1', 'foreign'));
    const told = await swept([{ worktree: named.worktree, worktreeState: 'made' }]);
    const left = [named, clean, dirty, ahead].map(({ worktree }) => existsSync(worktree));
    expect(left).toEqual([true, false, true, true]);
    expect(branches()).toEqual([
      'main',
      'porchlight/ahead',
      'porchlight/dirty',
      'porchlight/named',
    ]);
    expect(told).toContain(`${dirty.worktree} (1 uncommitted file (x))`);
    expect(told).toContain(`${ahead.worktree} (1 commit)`);
    expect(told).toContain('foreign (no git checkout, and not empty)');
    expect(bench.read('x', join(bench.worktrees, 'app-1', 'foreign'))).toBe('precious');
  });

  it('removes half-made checkouts, also what git remembers of them', async () => {
    const half = join(bench.worktrees, '.making', 'half');
    bench.sh('worktree', 'add', '-q', '--detach', half);
    rmSync(join(half, 'a.txt'));
    mkdirSync(join(bench.worktrees, '.landing', 'nothing of git'), { recursive: true });
    expect(await swept()).toBe(null);
    expect([
      existsSync(half),
      existsSync(join(bench.worktrees, '.landing', 'nothing of git')),
    ]).toEqual([false, false]);
    expect(bench.sh('worktree', 'list', '--porcelain')).not.toContain('half');
  });

  it('leaves a worktree alone whose repository is gone', async () => {
    const own = await bench.session();
    rmSync(bench.root, { recursive: true });
    expect(await swept()).toContain(own.worktree);
    expect(existsSync(own.worktree)).toBe(true);
  });
});

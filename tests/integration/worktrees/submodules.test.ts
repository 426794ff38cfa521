import { chmodSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { discard } from '../../../src/host/worktrees/discard.ts';
import { fillSubmodules } from '../../../src/host/worktrees/submodules.ts';
import type { OwnWorktree } from '../../../src/host/worktrees/words.ts';
import { RepositoryUnderTest } from './repository-under-test.ts';

let bench: RepositoryUnderTest;
beforeEach(() => {
  bench = new RepositoryUnderTest();
});
afterEach(() => bench.remove());

async function thrownAway(own: OwnWorktree, force = false): Promise<string | null> {
  const request = { own, force, endAgent: () => {}, isBaseOfOthers: () => false };
  return await discard(bench.git, request);
}

describe('submodules', () => {
  const lib = 'libs/my "lib" ü';
  let inner: string;
  let outer: string;

  /** app → lib → inner, filled in the person's checkout; their origins can be taken away. */
  beforeEach(() => {
    inner = join(bench.folder, 'inner.git');
    outer = join(bench.folder, 'outer.git');
    for (const [folder, files] of [
      [inner, { 'deep.txt': 'deep\n' }],
      [outer, { 'lib.txt': 'lib\n' }],
    ] as const) {
      bench.sh('init', '-q', folder);
      bench.commit(files, 'first', folder);
    }
    bench.at(outer, 'submodule', 'add', '-q', inner, 'inner');
    bench.at(outer, 'commit', '-q', '-m', 'inner');
    bench.sh('submodule', 'add', '-q', outer, lib);
    bench.sh('submodule', 'update', '-q', '--init', '--recursive');
    bench.sh('commit', '-q', '-m', 'lib');
  });

  const takeAwayOrigins = (): void => {
    for (const folder of [inner, outer]) renameSync(folder, `${folder} away`);
  };

  it('are filled from the person’s checkout, without their origins, and know those', async () => {
    takeAwayOrigins();
    const own = await bench.session();
    expect(await fillSubmodules(bench.git, bench.root, own.worktree)).toEqual([]);
    expect([
      bench.read(`${lib}/lib.txt`, own.worktree),
      bench.read(`${lib}/inner/deep.txt`, own.worktree),
      bench.at(join(own.worktree, lib), 'remote', 'get-url', 'origin'),
      bench.at(own.worktree, 'status', '--porcelain'),
      bench.sh('status', '--porcelain'),
    ]).toEqual(['lib\n', 'deep\n', outer, '', '']);
    expect(await fillSubmodules(bench.git, bench.root, own.worktree)).toEqual([]);
  });

  it('stay empty where they are empty in the checkout', async () => {
    bench.sh('submodule', 'deinit', '-q', '-f', lib);
    const own = await bench.session();
    expect(await fillSubmodules(bench.git, bench.root, own.worktree)).toEqual([]);
    expect(readdirSync(join(own.worktree, lib))).toEqual([]);
  });

  it('are told of when they cannot be filled', async () => {
    const own = await bench.session();
    takeAwayOrigins();
    bench.sh('rm', '-q', '--cached', lib);
    rmSync(join(bench.root, '.git', 'modules'), { recursive: true });
    rmSync(join(bench.root, lib), { recursive: true });
    bench.at(bench.root, 'init', '-q', lib);
    bench.commit({ x: '' }, 'another', join(bench.root, lib));
    const [told, ...more] = await fillSubmodules(bench.git, bench.root, own.worktree);
    expect([told, more]).toEqual([expect.stringContaining(`${lib} is empty in the worktree`), []]);
  });

  it('go with the worktree when nothing in them would be lost', async () => {
    const own = await bench.session();
    await fillSubmodules(bench.git, bench.root, own.worktree);
    expect(await thrownAway(own)).toBe(null);
    expect(existsSync(own.worktree)).toBe(false);
  });

  it('are kept with what was done in them, committed or not', async () => {
    const own = await bench.session();
    await fillSubmodules(bench.git, bench.root, own.worktree);
    const folder = join(own.worktree, lib);
    const commit = bench.commit({ 'lib.txt': 'changed\n' }, 'in the submodule', folder);
    bench.at(own.worktree, 'commit', '-q', '-a', '-m', 'uses it');
    bench.write({ 'lib.txt': 'changed again\n' }, folder);
    await expect(thrownAway(own)).rejects.toThrow(
      `would lose 1 commit and 1 uncommitted file (${lib})`,
    );
    const kept = await thrownAway(own, true);
    expect(kept).toBe('refs/porchlight/kept/task');
    const home = join(bench.root, lib);
    expect([
      bench.at(home, 'show', `${kept}:lib.txt`),
      bench.at(home, 'rev-parse', `${kept}^`),
      bench.sh('rev-parse', `${kept}^1:${lib}`),
    ]).toEqual(['changed again', commit, commit]);
  });

  it('land with the commits that the base points at', async () => {
    const own = await bench.session();
    await fillSubmodules(bench.git, bench.root, own.worktree);
    const folder = join(own.worktree, lib);
    bench.write({ 'lib.txt': 'changed\n' }, folder);
    await expect(bench.land(own)).rejects.toThrow(`the submodule ${lib} has uncommitted changes`);
    bench.commit({}, 'in the submodule', folder);
    expect((await bench.land(own)).outcome).toBe('landed');
    await thrownAway(own);
    bench.sh('submodule', 'update', '-q');
    expect(bench.read(`${lib}/lib.txt`)).toBe('changed\n');
  });
});

/** What a filter gives back when it is asked the other way round. */
async function throughFilter(): Promise<void> {
  const own = await bench.session();
  expect(bench.read('big.bin', own.worktree)).toBe('large content\n');
  expect(bench.at(own.worktree, 'status', '--porcelain')).toBe('');
  bench.write({ 'big.bin': 'other content\n' }, own.worktree);
  expect((await bench.land(own)).outcome).toBe('landed');
  expect([bench.read('big.bin'), bench.sh('status', '--porcelain')]).toEqual([
    'other content\n',
    '',
  ]);
  expect(bench.sh('cat-file', '-p', 'HEAD:big.bin')).not.toContain('other content');
  bench.write({ 'big.bin': 'never landed\n' }, own.worktree);
  const kept = await thrownAway(own, true);
  expect(bench.sh('cat-file', '-p', `${kept}:big.bin`)).not.toContain('never landed');
  bench.sh('checkout', '-q', kept ?? '', '--', 'big.bin');
  expect(bench.read('big.bin')).toBe('never landed\n');
}

describe('files that stand for others', () => {
  it('come through a filter like that of LFS, both ways', async () => {
    const store = join(bench.folder, 'store');
    const filter = join(bench.folder, 'filter.sh');
    writeFileSync(
      filter,
      `#!/bin/sh\nset -e\nmkdir -p '${store}'\nif [ "$1" = clean ]; then t=$(mktemp); cat > "$t"; n=$(git hash-object --no-filters "$t"); mv "$t" '${store}/'"$n"; echo "pointer $n"; else read -r _ n; cat '${store}/'"$n"; fi\n`,
    );
    chmodSync(filter, 0o755);
    for (const way of ['clean', 'smudge'])
      bench.sh('config', `filter.fake.${way}`, `'${filter}' ${way}`);
    bench.sh('config', 'filter.fake.required', 'true');
    bench.commit({ '.gitattributes': '*.bin filter=fake\n', 'big.bin': 'large content\n' }, 'big');
    expect(bench.sh('cat-file', '-p', 'HEAD:big.bin')).toMatch(/^pointer [0-9a-f]{40}$/);
    await throughFilter();
  });

  const hasLfs = (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => existsSync(join(folder, 'git-lfs')));
  it.skipIf(!hasLfs)('come through git-lfs itself, where it is installed', async () => {
    bench.sh('lfs', 'install', '--local', '--force');
    bench.sh('lfs', 'track', '*.bin');
    bench.commit({ 'big.bin': 'large content\n' }, 'big');
    expect(bench.sh('cat-file', '-p', 'HEAD:big.bin')).toContain('git-lfs.github.com');
    await throughFilter();
  });
});

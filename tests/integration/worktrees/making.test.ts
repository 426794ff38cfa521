import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planPlace } from '../../../src/host/worktrees/plan.ts';
import { copyIncluded, MAX_INCLUDED_FILES } from '../../../src/host/worktrees/include.ts';
import { makeWorktree } from '../../../src/host/worktrees/make.ts';
import { runSetup } from '../../../src/host/worktrees/setup.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { eventually, isAlive } from '../support/host-under-test.ts';
import { RepositoryUnderTest } from './repository-under-test.ts';

let bench: RepositoryUnderTest;
afterEach(() => bench.remove());

async function plan(
  cwd: string,
  more: { isolate?: 'worktree' | 'none'; title?: string; config?: 'worktree' | 'none' } = {},
  sessions: Partial<SessionState>[] = [],
) {
  const all = sessions as SessionState[];
  const { git, worktrees } = bench;
  const needs = { git, worktrees, isolate: () => more.config, sessions: () => all };
  const wanted = { cwd, isolate: more.isolate ?? null, share: false, title: more.title ?? 'Work' };
  try {
    return (await planPlace(needs, wanted))(all);
  } catch (error) {
    return (error as Error).message;
  }
}

/** Also where nobody buries the dead. */
const isGone = async (pid: number) =>
  await eventually(async () => {
    if (!isAlive(pid)) return true;
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')) ? true : null;
  });

const made = (own: { worktree: string; origin: SessionState['origin'] & object }, again = true) =>
  makeWorktree(
    bench.git,
    { worktrees: bench.worktrees, path: own.worktree, origin: own.origin, again },
    bench.inTurn,
  );

describe('where a session works', () => {
  it('is the same subfolder of a new worktree, however the folders are called', async () => {
    bench = new RepositoryUnderTest('it\'s "my"\nrepo ü $(x)');
    const below = join(bench.root, 'sub folder', 'ö');
    bench.commit({ [join('sub folder', 'ö', 'x')]: '' }, 'more');
    const place = await plan(below, { title: 'Grüße: "fix" it!\nNow' });
    if (typeof place === 'string') throw new Error(place);
    const worktree = join(
      bench.worktrees,
      basename(join(place.worktree ?? '', '..')),
      'grüße-fix-it-now',
    );
    expect(place).toEqual({
      cwd: join(worktree, 'sub folder', 'ö'),
      worktree,
      shared: false,
      origin: {
        root: bench.root,
        branch: 'porchlight/grüße-fix-it-now',
        base: 'main',
        baseCommit: bench.sh('rev-parse', 'HEAD'),
      },
    });
    const origin = place.origin;
    if (origin === undefined || place.worktree === null) throw new Error('no worktree');
    await made({ worktree: place.worktree, origin }, false);
    expect(bench.at(place.cwd, 'status', '--branch', '--porcelain')).toBe(`## ${origin.branch}`);
  });

  it('gets the next free name past branches, folders and other sessions', async () => {
    bench = new RepositoryUnderTest();
    bench.sh('branch', 'porchlight/Work');
    bench.sh('branch', 'porchlight/work-2/inner');
    const first = await plan(bench.root);
    if (typeof first === 'string') throw new Error(first);
    expect(first.origin?.branch).toBe('porchlight/work-3');
    mkdirSync(first.worktree ?? '', { recursive: true });
    const second = await plan(bench.root);
    if (typeof second === 'string') throw new Error(second);
    const third = await plan(bench.root, {}, [
      { worktree: second.worktree, worktreeState: 'made' },
    ]);
    expect([
      second.origin?.branch,
      typeof third === 'string' ? third : third.origin?.branch,
    ]).toEqual(['porchlight/work-4', 'porchlight/work-5']);
  });

  it('finds a name where somebody has a branch called porchlight', async () => {
    bench = new RepositoryUnderTest();
    bench.sh('branch', 'porchlight');
    expect(await plan(bench.root)).toMatchObject({ origin: { branch: 'porchlight-work' } });
  });

  it('is the folder itself outside of git, without commits, and in a folder git knows nothing of', async () => {
    bench = new RepositoryUnderTest('app', { commit: false });
    const outside = join(bench.folder, 'outside');
    mkdirSync(outside);
    const plain = (cwd: string) => ({ cwd, worktree: null, shared: false });
    expect(await plan(outside)).toEqual(plain(outside));
    expect(await plan(bench.root)).toEqual(plain(bench.root));
    expect(await plan(outside, { isolate: 'worktree' })).toMatch(/is not in a git repository/);
    expect(await plan(bench.root, { isolate: 'worktree' })).toMatch(/has no commit yet/);
    bench.commit({ '.gitignore': 'out\n' }, 'first');
    mkdirSync(join(bench.root, 'out'));
    const ignored = join(bench.root, 'out');
    expect(await plan(ignored)).toEqual(plain(ignored));
    expect(await plan(ignored, { isolate: 'worktree' })).toMatchObject({
      origin: { base: 'main' },
    });
    expect(await plan(bench.root, { config: 'none' })).toEqual(plain(bench.root));
    expect(await plan(bench.root, { config: 'none', isolate: 'worktree' })).toMatchObject({
      origin: { base: 'main' },
    });
    const inGit = join(bench.root, '.git');
    expect(await plan(inGit)).toEqual(plain(inGit));
  });

  it('makes something sensible of bare repositories, linked checkouts and a detached HEAD', async () => {
    bench = new RepositoryUnderTest();
    const bare = join(bench.folder, 'bare.git');
    bench.sh('clone', '-q', '--bare', bench.root, bare);
    expect(await plan(bare)).toMatchObject({ origin: { root: bare, base: 'main' } });
    const linked = join(bench.folder, 'linked');
    bench.sh('worktree', 'add', '-q', '-b', 'side', linked);
    expect(await plan(linked)).toMatchObject({ origin: { root: linked, base: 'side' } });
    bench.sh('checkout', '-q', '--detach');
    expect(await plan(bench.root)).toMatchObject({ origin: { base: null } });
  });

  it('builds on the branch of the session whose worktree it was begun in', async () => {
    bench = new RepositoryUnderTest();
    const own = await bench.session();
    const host = { ...own, state: 'idle', archived: false, cwd: own.worktree } as const;
    expect(await plan(own.worktree, {}, [host])).toMatchObject({
      origin: { root: bench.root, base: 'porchlight/task' },
    });
  });
});

describe('a worktree is made', () => {
  beforeEach(() => {
    bench = new RepositoryUnderTest();
  });

  it('again after its folder was deleted, with what was committed', async () => {
    const own = await bench.session();
    bench.commit({ 'a.txt': 'two\n' }, 'work', own.worktree);
    rmSync(own.worktree, { recursive: true });
    expect(await made(own)).toContain(
      'was gone. It was made again from the branch porchlight/task',
    );
    expect(bench.read('a.txt', own.worktree)).toBe('two\n');
  });

  it('again from where it began after its branch went too, and says so', async () => {
    const own = await bench.session();
    rmSync(own.worktree, { recursive: true });
    bench.sh('worktree', 'prune');
    bench.sh('branch', '-q', '-D', 'porchlight/task');
    expect(await made(own)).toContain('without its work');
    expect(bench.at(own.worktree, 'status', '--porcelain', '--branch')).toBe('## porchlight/task');
  });

  it('never over something else, and not while its branch is checked out elsewhere', async () => {
    const own = await bench.session();
    bench.sh('worktree', 'remove', own.worktree);
    bench.write({ 'precious.txt': 'x' }, own.worktree);
    await expect(made(own)).rejects.toThrow('something else is there, and it is not empty');
    expect(bench.read('precious.txt', own.worktree)).toBe('x');
    rmSync(own.worktree, { recursive: true });
    bench.sh('checkout', '-q', 'porchlight/task');
    await expect(made(own)).rejects.toThrow(`is checked out at ${bench.root}`);
    bench.sh('checkout', '-q', 'main');
    await made(own);
    expect(existsSync(join(own.worktree, 'a.txt'))).toBe(true);
  });

  it('whole after an end between any two steps', async () => {
    const own = await bench.session();
    // Moved, but git was not told where to; and not on its branch yet.
    bench.at(own.worktree, 'checkout', '-q', '--detach');
    bench.sh('branch', '-q', '-D', 'porchlight/task');
    const stale = join(bench.folder, 'stale');
    bench.sh('worktree', 'move', own.worktree, stale);
    mkdirSync(join(own.worktree, '..'), { recursive: true });
    renameSync(stale, own.worktree);
    await made(own, false);
    expect(bench.at(own.worktree, 'status', '--porcelain', '--branch')).toBe('## porchlight/task');
    expect(bench.sh('worktree', 'list', '--porcelain')).toContain(`worktree ${own.worktree}\n`);
  });

  it('without the person’s other worktrees being forgotten, whose disk may be away', async () => {
    const away = join(bench.folder, 'away');
    bench.sh('worktree', 'add', '-q', '-b', 'side', away);
    rmSync(away, { recursive: true });
    const own = await bench.session();
    rmSync(own.worktree, { recursive: true });
    await made(own);
    expect(bench.sh('worktree', 'list', '--porcelain')).toContain(`worktree ${away}\n`);
  });

  it('by two at once in one repository', async () => {
    const made = await Promise.all(['x', 'y', 'z'].map((slug) => bench.session(slug)));
    expect(
      made.map(({ worktree }) => bench.at(worktree, 'rev-parse', '--abbrev-ref', 'HEAD')),
    ).toEqual(['porchlight/x', 'porchlight/y', 'porchlight/z']);
  });
});

describe('.worktreeinclude', () => {
  beforeEach(() => {
    bench = new RepositoryUnderTest();
  });

  it('copies ignored files it names, with their modes, and nothing else', async () => {
    bench.commit({ '.gitignore': '.env*\nkeys/\nbuild/\n*.link\n', 'tracked.env': 't' }, 'ignore');
    bench.write({
      '.worktreeinclude': '# settings\n.env*\n!.env.example\nkeys/**\n*.env\nuntracked\n*.link\n',
      '.env': 'KEY=1',
      '.env.example': 'no',
      'sub dir/.env "ü"\n': 'odd',
      'keys/deep/private': 'secret',
      'build/out': 'no',
      untracked: 'not ignored, so not copied',
    });
    chmodSync(join(bench.root, 'keys', 'deep', 'private'), 0o600);
    symlinkSync('.env', join(bench.root, 'inside.link'));
    symlinkSync('../../../etc/passwd', join(bench.root, 'outside.link'));
    symlinkSync(join(bench.root, '.env'), join(bench.root, 'absolute.link'));
    const own = await bench.session();
    bench.write({ 'sub dir/.env2': '' });
    const result = await copyIncluded(bench.git, bench.root, own.worktree);
    expect([result.copied, result.leftOut]).toEqual([5, expect.stringContaining('2 of the files')]);
    expect(
      ['.env', 'sub dir/.env "ü"\n', 'keys/deep/private'].map((name) =>
        bench.read(name, own.worktree),
      ),
    ).toEqual(['KEY=1', 'odd', 'secret']);
    expect(statSync(join(own.worktree, 'keys/deep/private')).mode & 0o777).toBe(0o600);
    expect(readlinkSync(join(own.worktree, 'inside.link'))).toBe('.env');
    for (const name of ['.env.example', 'build/out', 'untracked', 'outside.link', 'absolute.link'])
      expect([name, existsSync(join(own.worktree, name))]).toEqual([name, false]);
    bench.write({ '.env': 'changed by the session' }, own.worktree);
    expect((await copyIncluded(bench.git, bench.root, own.worktree)).copied).toBe(5);
    expect(bench.read('.env', own.worktree)).toBe('changed by the session');
  });

  it('never writes through a link that the worktree has where the checkout has a folder', async () => {
    const outside = join(bench.folder, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(bench.root, 'conf'));
    bench.commit({ '.gitignore': '.env\n' }, 'a link');
    const own = await bench.session();
    rmSync(join(bench.root, 'conf'));
    bench.write({ 'conf/.env': 'secret', '.worktreeinclude': '.env\n' });
    const result = await copyIncluded(bench.git, bench.root, own.worktree);
    expect([result.copied, existsSync(join(outside, '.env'))]).toEqual([0, false]);
  });

  it('stops at its bounds and says so', async () => {
    bench.commit({ '.gitignore': 'many\n', '.worktreeinclude': 'many\n' }, 'ignore');
    const own = await bench.session();
    for (let i = 0; i <= MAX_INCLUDED_FILES; i += 1) bench.write({ [`many/${i}`]: '' });
    const { copied, leftOut } = await copyIncluded(bench.git, bench.root, own.worktree);
    expect([copied, leftOut]).toEqual([MAX_INCLUDED_FILES, expect.stringContaining('more than')]);
  });
});

describe('the setup command', () => {
  beforeEach(() => {
    bench = new RepositoryUnderTest();
  });

  it('runs in the worktree, and a failure is told with its last words', async () => {
    expect(await runSetup(bench.setup, 'echo "$PWD" > where', bench.root)).toBe(null);
    expect(bench.read('where')).toBe(`${bench.root}\n`);
    expect(await runSetup(bench.setup, 'echo no good >&2; exit 3', bench.root)).toBe(
      'The setup command "echo no good >&2; exit 3" ended with 3: no good',
    );
  });

  it('is ended with all it started when its time is over', async () => {
    const line = 'sleep 1000 & echo $! > pid; wait';
    const why = await runSetup({ ...bench.setup, limitMs: 1_500 }, line, bench.root);
    expect(why).toContain('took longer than 1.5 s and was ended');
    await isGone(Number(bench.read('pid')));
  });
});

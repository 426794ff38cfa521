import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { silentLogger } from '../../../src/base/log.ts';
import { Git } from '../../../src/host/worktrees/git.ts';
import { makeWorktree } from '../../../src/host/worktrees/make.ts';
import { InTurn } from '../../../src/host/worktrees/in-turn.ts';
import { land } from '../../../src/host/worktrees/land.ts';
import { setupProgramFor } from '../../../src/host/worktrees/setup-shell.ts';
import type { OwnWorktree } from '../../../src/host/worktrees/words.ts';
import { sessionIdSchema } from '../../../src/protocol/ids.ts';
import type { LandResult, LandWay } from '../../../src/protocol/session/workspace.ts';

/** Real git in a folder of its own, with settings of nobody on this machine. */
export class RepositoryUnderTest {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'porchlight worktrees ü-')));
  readonly worktrees = join(this.folder, 'home', 'worktrees');
  readonly root: string;
  readonly env: Record<string, string>;
  readonly git: Git;
  readonly inTurn = new InTurn();

  constructor(name = 'app', { commit = true } = {}) {
    const config = join(this.folder, 'gitconfig');
    writeFileSync(
      config,
      '[user]\n\tname = Ann\n\temail = ann@example.org\n[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n',
    );
    const { PATH = '', HOME = '' } = process.env;
    this.env = {
      PATH,
      HOME,
      GIT_CONFIG_GLOBAL: config,
      GIT_CONFIG_NOSYSTEM: '1',
      LC_ALL: 'C.UTF-8',
    };
    this.git = new Git(async () => this.env);
    mkdirSync(this.worktrees, { recursive: true });
    this.root = join(this.folder, name);
    mkdirSync(this.root, { recursive: true });
    this.sh('init', '-q');
    if (commit) this.commit({ 'a.txt': 'one\n', 'b.txt': 'one\n' }, 'first');
  }

  get setup() {
    return {
      logger: silentLogger,
      program: setupProgramFor(process.platform),
      env: async () => this.env,
    };
  }

  /** git in the person's checkout. */
  sh(...args: string[]): string {
    return this.at(this.root, ...args);
  }

  at(folder: string, ...args: string[]): string {
    return execFileSync('git', args, {
      cwd: folder,
      env: this.env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trimEnd();
  }

  write(files: Record<string, string>, folder = this.root): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  }

  commit(files: Record<string, string>, message: string, folder = this.root): string {
    this.write(files, folder);
    this.at(folder, 'add', '-A');
    this.at(folder, 'commit', '-q', '-m', message);
    return this.at(folder, 'rev-parse', 'HEAD');
  }

  read(name: string, folder = this.root): string {
    return readFileSync(join(folder, name), 'utf8');
  }

  /** A session's worktree, made as the host makes it. */
  async session(slug = 'task', base: string | null = 'main'): Promise<OwnWorktree> {
    const worktree = join(this.worktrees, 'app-1', slug);
    const baseCommit = this.sh('rev-parse', base ?? 'HEAD');
    const origin = { root: this.root, branch: `porchlight/${slug}`, base, baseCommit };
    const request = { worktrees: this.worktrees, path: worktree, origin, again: false };
    await makeWorktree(this.git, request, this.inTurn);
    const id = sessionIdSchema.parse(
      `s_${slug
        .replace(/[^a-z0-9]/g, '')
        .padEnd(12, '0')
        .slice(0, 12)}`,
    );
    return { id, title: `Title of ${slug}`, worktree, origin, worktreeState: 'made' };
  }

  async land(own: OwnWorktree, way: LandWay = 'merge', message = own.title): Promise<LandResult> {
    return await land(this.git, { own, way, message, worktrees: this.worktrees });
  }

  /** All that a person may see changed: refs, and the state of the checkout. */
  picture(own?: OwnWorktree): object {
    return {
      refs: this.sh('for-each-ref', '--format=%(refname) %(objectname)').split('\n'),
      status: this.sh('status', '--porcelain', '--branch'),
      ...(own && {
        worktree: this.at(own.worktree, 'status', '--porcelain', '--branch'),
        head: this.at(own.worktree, 'rev-parse', 'HEAD'),
      }),
      checkouts: this.sh('worktree', 'list', '--porcelain'),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

import { MAX_CHANGED_FILES, MAX_PATCH_BYTES } from '../../protocol/limits.ts';
import type { ChangedFile, Changes } from '../../protocol/session/workspace.ts';
import type { Git } from './git.ts';
import { withIndexCopy } from './keep.ts';
import { commitOf } from './repository.ts';
import { parseDiff } from './raw-diff.ts';
import type { OwnWorktree } from './words.ts';

const DIFF_LIMIT_MS = 60_000;
const DIFF = ['diff', '--no-ext-diff', '--no-textconv', '--no-color', '--find-renames'] as const;

/** How the session's work stands to its base. */
export interface Standing {
  /** Commit that the session's work is at. */
  readonly head: string;
  /** The base branch's commit; where it began, when the base is gone or was none. */
  readonly base: string;
  /** Where both parted last. */
  readonly fork: string;
  /** Commits of the session that the base does not have. */
  readonly commits: number;
}

/** `work`: another commit than the worktree is at. */
export async function standingOf(
  git: Git,
  { worktree, origin }: OwnWorktree,
  work = 'HEAD',
): Promise<Standing> {
  const head = await git.line(worktree, ['rev-parse', '--verify', `${work}^{commit}`]);
  const tip =
    origin.base === null ? null : await commitOf(git, worktree, `refs/heads/${origin.base}`);
  const base = tip ?? origin.baseCommit;
  // Without one, as after the base's history was written anew, it is where the session began.
  const fork = (await git.maybe(worktree, ['merge-base', head, base])) ?? origin.baseCommit;
  const commits = Number(await git.line(worktree, ['rev-list', '--count', `${base}..${head}`]));
  return { head, base, fork, commits };
}

/** Paths that differ from HEAD or are new, as `git status` sees them; at most `limit`, and one more. */
export async function uncommittedIn(git: Git, checkout: string, limit: number): Promise<string[]> {
  const args = ['status', '--porcelain', '-z', '--no-renames', '-uall', '--ignore-submodules=none'];
  const { stdout, code, stderr } = await git.run(checkout, args, {
    limitMs: DIFF_LIMIT_MS,
    maxBytes: (limit + 1) * 1_024,
    cut: true,
  });
  if (code !== 0) throw new Error(`git status failed in ${checkout}: ${stderr}`);
  return stdout
    .split('\0')
    .filter((line) => line.length > 3)
    .map((line) => line.slice(3))
    .slice(0, limit + 1);
}

/** Everything that differs between the worktree as it is now and where it parted from its base. */
export async function changesOf(git: Git, own: OwnWorktree, patch: boolean): Promise<Changes> {
  const { worktree, origin } = own;
  const standing = await standingOf(git, own);
  const uncommitted = (await uncommittedIn(git, worktree, 1)).length > 0;
  return await withIndexCopy(git, worktree, async (index) => {
    // New files are only named in the copy, so that a difference shows them.
    await git.run(worktree, ['add', '-A', '-N', '--ignore-errors'], {
      env: index,
      limitMs: DIFF_LIMIT_MS,
    });
    const options = { env: index, limitMs: DIFF_LIMIT_MS };
    const listing = [...DIFF, '-z', '--raw', '--numstat', standing.fork, '--'];
    const files = parseDiff(await git.text(worktree, listing, options)).sort(byPath);
    return {
      files: files.slice(0, MAX_CHANGED_FILES),
      total: files.length,
      insertions: sum(files, 'insertions'),
      deletions: sum(files, 'deletions'),
      branch:
        (await git.maybe(worktree, ['symbolic-ref', '--short', '-q', 'HEAD'])) ?? origin.branch,
      base: origin.base,
      commits: standing.commits,
      uncommitted,
      landed: !uncommitted && standing.commits === 0,
      ...(patch && { patch: await patchOf(git, worktree, standing.fork, options) }),
    };
  });
}

async function patchOf(
  git: Git,
  worktree: string,
  fork: string,
  options: { env: Readonly<Record<string, string>>; limitMs: number },
): Promise<string> {
  const bounds = { ...options, maxBytes: MAX_PATCH_BYTES, cut: true };
  const { stdout, isCut } = await git.run(worktree, [...DIFF, '-p', fork, '--'], bounds);
  // In the middle of a line there is nothing to read.
  return isCut ? stdout.slice(0, stdout.lastIndexOf('\n') + 1) : stdout;
}

function byPath(a: ChangedFile, b: ChangedFile): number {
  return a.path < b.path ? -1 : 1;
}

function sum(files: readonly ChangedFile[], field: 'insertions' | 'deletions'): number {
  return files.reduce((total, file) => total + file[field], 0);
}

import { join } from 'node:path';
import { uncommittedIn } from './changes.ts';
import type { Git } from './git.ts';
import { lstatOf } from './include.ts';
import { commitOf } from './repository.ts';
import { unsavedSubmodules } from './submodules.ts';

const MAX_FILES = 1_000;

/** What would be gone for good with a worktree and its branch. */
export interface Loss {
  /** Uncommitted ones, and submodules with commits of their own; at most MAX_FILES and one more. */
  readonly files: readonly string[];
  /** Commits that no other branch, tag or kept ref leads to. */
  readonly commits: number;
  readonly isNothing: boolean;
}

export async function lossOf(
  git: Git,
  { root, worktree, branch }: { root: string; worktree: string; branch: string | null },
): Promise<Loss> {
  const isThere = (await lstatOf(join(worktree, '.git'))) !== null;
  const files = isThere ? await uncommittedIn(git, worktree, MAX_FILES) : [];
  if (isThere) files.push(...(await unsavedSubmodules(git, root, worktree)));
  const head = isThere ? await commitOf(git, worktree, 'HEAD') : null;
  const own = branch === null ? null : await commitOf(git, root, `refs/heads/${branch}`);
  const tips = [head, own].filter((tip) => tip !== null);
  const commits = tips.length === 0 ? 0 : await onlyIn(git, root, tips, branch);
  return { files: [...new Set(files)], commits, isNothing: files.length === 0 && commits === 0 };
}

async function onlyIn(
  git: Git,
  root: string,
  tips: readonly string[],
  branch: string | null,
): Promise<number> {
  const others = ['--branches', '--remotes', '--tags', '--glob=refs/porchlight/kept/*'];
  const but = branch === null ? [] : [`--exclude=${branch}`];
  const list = ['rev-list', '--count', ...tips, '--not', ...but, ...others];
  return Number(await git.line(root, list));
}

/** `2 commits and 3 uncommitted files (a, b, c)` */
export function lossInWords({ files, commits }: Loss): string {
  const parts: string[] = [];
  if (commits > 0) parts.push(commits === 1 ? '1 commit' : `${commits} commits`);
  if (files.length > 0) {
    const number = files.length > MAX_FILES ? `over ${MAX_FILES}` : String(files.length);
    const named = files.slice(0, 5).join(', ') + (files.length > 5 ? ', …' : '');
    parts.push(`${number} uncommitted ${files.length === 1 ? 'file' : 'files'} (${named})`);
  }
  return parts.join(' and ');
}

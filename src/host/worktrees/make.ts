import { randomUUID } from 'node:crypto';
import { mkdir, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RpcFailure } from '../../protocol/errors.ts';
import { WORKTREE_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { WorktreeOrigin } from '../../protocol/session/workspace.ts';
import type { Git } from './git.ts';
import { lstatOf } from './include.ts';
import type { InTurn } from './in-turn.ts';
import { checkoutsOf, commitOf, turnOf } from './repository.ts';

/** Below `<home>/worktrees`: checkouts under way, none of which anybody has worked in. */
export const MAKING = '.making';

export interface MakeRequest {
  /** `<home>/worktrees` */
  readonly worktrees: string;
  readonly path: string;
  readonly origin: WorktreeOrigin;
  /** It was there before: somebody has removed it, or its branch. */
  readonly again: boolean;
}

/**
 * Checks the session's branch out at `path`. Each try makes a checkout of its own and moves it there
 * when it is whole, so a try that was killed, and a git of it that lives on, are in nobody's way.
 * Returns what a person should know, or null. Throws an {@link RpcFailure} in words.
 */
export async function makeWorktree(
  git: Git,
  request: MakeRequest,
  inTurn: InTurn,
): Promise<string | null> {
  const { path, origin } = request;
  if ((await lstatOf(join(path, '.git'))) !== null) {
    await settle(git, path, origin);
    return null;
  }
  await makeRoom(path);
  const temporary = join(request.worktrees, MAKING, randomUUID());
  await mkdir(dirname(temporary), { recursive: true, mode: 0o700 });
  const key = await turnOf(git, origin.root);
  // Git does not see to it that two of these in one repository leave each other alone.
  const notice = await inTurn.run(key, async () => {
    const start = await startOf(git, request);
    await forgetOld(git, request);
    const add = ['worktree', 'add', '--quiet', '--detach', '--no-checkout', '--', temporary];
    await git.text(origin.root, [...add, start.commit]);
    return start.notice;
  });
  // The files themselves take long, and may come beside those of others.
  await git.text(temporary, ['reset', '--hard', '--quiet'], { limitMs: WORKTREE_TIMEOUT_MS });
  await inTurn.run(key, async () => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await git.text(origin.root, ['worktree', 'move', '--', temporary, path]);
    await settle(git, path, origin);
  });
  return notice;
}

/** Puts the checkout on its branch, and mends what a sudden end between two steps left. */
async function settle(git: Git, path: string, origin: WorktreeOrigin): Promise<void> {
  // Moved, and not yet noted by git where to. Older versions have no such command.
  await git.run(path, ['worktree', 'repair', '--', path]);
  const head = await git.maybe(path, ['symbolic-ref', '--short', '-q', 'HEAD']);
  if (head !== null) return;
  const exists = await commitOf(git, path, `refs/heads/${origin.branch}`);
  const to = exists === null ? ['-b', origin.branch] : [origin.branch];
  await git.text(path, ['checkout', '--quiet', ...to, '--'], { limitMs: WORKTREE_TIMEOUT_MS });
}

async function makeRoom(path: string): Promise<void> {
  const found = await lstatOf(path);
  if (found === null) return;
  try {
    await rmdir(path);
  } catch {
    throw new RpcFailure(
      'refused',
      `The worktree cannot be made at ${path}: something else is there, and it is not empty. Move it away and resume the session.`,
      { kind: 'worktree' },
    );
  }
}

async function startOf(
  git: Git,
  { origin, again, path }: MakeRequest,
): Promise<{ commit: string; notice: string | null }> {
  const { root, branch, baseCommit } = origin;
  if ((await lstatOf(root)) === null)
    throw new RpcFailure(
      'refused',
      `The repository ${root} is not there any more: the worktree cannot be made. Bring it back and resume the session.`,
      { kind: 'worktree' },
    );
  const own = await commitOf(git, root, `refs/heads/${branch}`);
  if (own !== null) {
    const taken = (await checkoutsOf(git, root)).find(
      (each) => each.branch === branch && each.path !== path,
    );
    // One that is gone from the disk is forgotten below; any other holds the branch.
    if (taken !== undefined && (await lstatOf(taken.path)) !== null)
      throw new RpcFailure(
        'refused',
        `The branch ${branch} is checked out at ${taken.path}: switch to another branch there, and resume the session.`,
        { kind: 'worktree' },
      );
    const notice = again
      ? `The worktree ${path} was gone. It was made again from the branch ${branch}; what was not committed is lost.`
      : null;
    return { commit: own, notice };
  }
  if ((await commitOf(git, root, baseCommit)) === null)
    throw new RpcFailure(
      'refused',
      `The worktree cannot be made: the branch ${branch} and the commit ${baseCommit.slice(0, 12)} it began at are not in ${root} any more. Discard the session and start a new one.`,
      { kind: 'worktree' },
    );
  const notice = again
    ? `The worktree ${path} and its branch ${branch} were gone. Both were made again from where the session began, without its work.`
    : null;
  return { commit: baseCommit, notice };
}

/** What git still remembers of a worktree whose folder is gone holds its branch. Only this one: others may be on a disk that is away. */
async function forgetOld(git: Git, { path, origin }: MakeRequest): Promise<void> {
  const known = (await checkoutsOf(git, origin.root)).filter(
    (each) => each.path === path || each.branch === origin.branch,
  );
  for (const each of known)
    if ((await lstatOf(each.path)) === null)
      await git.text(origin.root, ['worktree', 'remove', '--force', '--force', '--', each.path]);
}

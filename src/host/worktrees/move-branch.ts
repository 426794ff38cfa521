import { RpcFailure } from '../../protocol/errors.ts';
import { LAND_TIMEOUT_MS } from '../../protocol/limits.ts';
import { uncommittedIn } from './changes.ts';
import { GitFailed, type Git } from './git.ts';
import { lstatOf } from './include.ts';
import { checkoutsOf, commitOf } from './repository.ts';

const MAX_LOOKED_AT = 20_000;
const MAX_NAMED = 10;

/**
 * Moves a branch on from one commit to a later one, with the files where it is checked out. False
 * when it is not at `from` any more. Throws an {@link RpcFailure} when local changes are in the way.
 */
export async function moveBranch(
  git: Git,
  root: string,
  branch: string,
  from: string,
  to: string,
): Promise<boolean> {
  const ref = `refs/heads/${branch}`;
  if ((await commitOf(git, root, ref)) !== from) return false;
  const checkouts = (await checkoutsOf(git, root)).filter((each) => each.branch === branch);
  for (const { path } of checkouts) {
    // One that is gone from the disk has no files to move.
    if ((await lstatOf(path)) === null) continue;
    return await moveCheckout(git, { path, branch, from, to });
  }
  const update = ['update-ref', '-m', 'porchlight: land', ref, to, from];
  const { code, stderr } = await git.run(root, update);
  if (code === 0) return true;
  if ((await commitOf(git, root, ref)) !== from) return false;
  throw new GitFailed(update, stderr);
}

async function moveCheckout(
  git: Git,
  { path, branch, from, to }: { path: string; branch: string; from: string; to: string },
): Promise<boolean> {
  const merge = ['merge', '--quiet', '--ff-only', to];
  const { code, stderr } = await git.run(path, merge, { limitMs: LAND_TIMEOUT_MS });
  if (code === 0) return true;
  if ((await commitOf(git, path, `refs/heads/${branch}`)) !== from) return false;
  const coming = new Set(await git.names(path, ['diff', '--name-only', '-z', from, to]));
  const present = await uncommittedIn(git, path, MAX_LOOKED_AT);
  const inTheWay = present.filter((name) => coming.has(name) || isFolderOf(name, coming));
  if (inTheWay.length === 0) throw new GitFailed(merge, stderr);
  const named = inTheWay.slice(0, MAX_NAMED).join(', ');
  const more = inTheWay.length > MAX_NAMED ? ` and ${inTheWay.length - MAX_NAMED} more` : '';
  throw new RpcFailure(
    'refused',
    `Local changes in ${path} are in the way: ${named}${more}. Commit, stash or move them there, and land again.`,
    { kind: 'localChanges', files: inTheWay.slice(0, MAX_NAMED) },
  );
}

function isFolderOf(name: string, coming: ReadonlySet<string>): boolean {
  return name.endsWith('/') && [...coming].some((each) => each.startsWith(name));
}

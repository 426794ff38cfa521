import { chmod, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { WORKTREE_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Git } from './git.ts';
import { lstatOf } from './include.ts';

/** Removes a checkout with all that is in it, and what git remembers of it. Whoever calls has looked what is lost. */
export async function removeCheckout(git: Git, root: string, folder: string): Promise<void> {
  const remove = ['worktree', 'remove', '--force', '--force', '--', folder];
  await git.run(root, remove, { limitMs: WORKTREE_TIMEOUT_MS }).catch(() => undefined);
  if ((await lstatOf(folder)) === null) return;
  // Caches of packages are often write-protected, which keeps git from removing them.
  await makeWritable(folder);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  await git.run(root, remove).catch(() => undefined);
}

/** Folders only: what may be removed depends on the folder that it is in. Follows no links. */
async function makeWritable(folder: string): Promise<void> {
  const { mode } = await lstat(folder);
  if ((mode & 0o700) !== 0o700) await chmod(folder, (mode & 0o777) | 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
}

import { copyFile, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LAND_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Git } from './git.ts';

/** For commits that hold work back from being lost, where git does not know the person. */
const NOBODY = { name: 'Porchlight', email: 'porchlight@localhost' };

/** Runs `work` on a copy of the checkout's index, so that the real one stays as it is. */
export async function withIndexCopy<T>(
  git: Git,
  checkout: string,
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'porchlight-index-'));
  try {
    const copy = join(folder, 'index');
    const index = resolve(checkout, await git.line(checkout, ['rev-parse', '--git-path', 'index']));
    try {
      const { atime, mtime } = await stat(index);
      await copyFile(index, copy);
      // Files as young as the index are looked into by git, since their times may lie: a copy that
      // looks younger would have it believe them.
      await utimes(copy, atime, mtime);
    } catch {
      await git.run(checkout, ['read-tree', 'HEAD'], { env: { GIT_INDEX_FILE: copy } });
    }
    return await work({ GIT_INDEX_FILE: copy });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A commit of everything in the checkout that git does not ignore, on top of its HEAD; HEAD itself
 * where there is nothing else. Touches neither index nor branches. Null without any commit.
 */
export async function keepCommit(
  git: Git,
  checkout: string,
  message: string,
): Promise<string | null> {
  const head = await git.maybe(checkout, ['rev-parse', '--verify', '-q', 'HEAD^{commit}']);
  if (head === null) return null;
  const tree = await treeOf(git, checkout);
  const present = await git.line(checkout, ['rev-parse', `${head}^{tree}`]);
  if (tree === present) return head;
  return await commitTree(git, checkout, { tree, parents: [head], message });
}

/** The tree of everything in the checkout that git does not ignore. */
export async function treeOf(git: Git, checkout: string): Promise<string> {
  return await withIndexCopy(git, checkout, async (env) => {
    const limits = { env, limitMs: LAND_TIMEOUT_MS };
    await git.text(checkout, ['add', '-A'], limits);
    return await git.line(checkout, ['write-tree'], limits);
  });
}

/** Repositories of their own inside the checkout that it knows nothing of: no commit of it holds them. */
export async function embeddedRepositories(git: Git, checkout: string): Promise<string[]> {
  const others = await git.names(checkout, ['ls-files', '-z', '--others', '--exclude-standard']);
  return others.filter((name) => name.endsWith('/'));
}

export async function commitTree(
  git: Git,
  folder: string,
  { tree, parents, message }: { tree: string; parents: readonly string[]; message: string },
): Promise<string> {
  const args = ['commit-tree', ...parents.flatMap((parent) => ['-p', parent]), '-F', '-', tree];
  const by = (await git.run(folder, ['var', 'GIT_COMMITTER_IDENT'])).code === 0 ? {} : asNobody();
  return await git.line(folder, args, { input: message, env: by });
}

function asNobody(): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: NOBODY.name,
    GIT_AUTHOR_EMAIL: NOBODY.email,
    GIT_COMMITTER_NAME: NOBODY.name,
    GIT_COMMITTER_EMAIL: NOBODY.email,
  };
}

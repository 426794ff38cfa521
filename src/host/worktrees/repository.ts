import { realpath } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GitFailed, type Git } from './git.ts';

/** Resolves links and, where the system has one name for several spellings, letter case. */
export const realPathOf = promisify(realpath.native);

/** The repository that a folder lies in, as it is now. */
export interface Repository {
  /** The checkout that the folder lies in, else the bare repository itself. Real path. */
  readonly root: string;
  readonly isBare: boolean;
  /** What all worktrees of the repository have in common. Real path. */
  readonly commonDir: string;
  /** Null for a detached HEAD. May have no commit yet. */
  readonly branch: string | null;
  /** Null when there is no commit. */
  readonly head: string | null;
}

/** Null outside of git. Throws {@link GitFailed} when git is there and does not want to. */
export async function repositoryAt(git: Git, folder: string): Promise<Repository | null> {
  const inside = await git.run(folder, ['rev-parse', '--is-bare-repository']);
  if (inside.code !== 0) {
    if (/not a git repository/i.test(inside.stderr)) return null;
    throw new GitFailed(['rev-parse'], inside.stderr);
  }
  const top = await git.maybe(folder, ['rev-parse', '--show-toplevel']);
  const isBare = top === null || top === '';
  // Inside the .git folder of a checkout: nobody works there.
  if (isBare && inside.stdout.trim() !== 'true') return null;
  const commonDir = await commonDirOf(git, folder);
  const root = isBare ? commonDir : await realPathOf(top);
  const [branch, head] = await Promise.all([
    git.maybe(folder, ['symbolic-ref', '--short', '-q', 'HEAD']),
    git.maybe(folder, ['rev-parse', '--verify', '-q', 'HEAD^{commit}']),
  ]);
  return { root, isBare, commonDir, branch: branch === '' ? null : branch, head };
}

export async function commonDirOf(git: Git, folder: string): Promise<string> {
  const given = await git.line(folder, ['rev-parse', '--git-common-dir']);
  return await realPathOf(resolve(folder, given));
}

/** By what to put work on one repository in turn, whichever of its checkouts it is for. */
export async function turnOf(git: Git, root: string): Promise<string> {
  return await commonDirOf(git, root).catch(() => root);
}

/** The commit a name stands for, or null. */
export async function commitOf(git: Git, root: string, name: string): Promise<string | null> {
  return await git.maybe(root, [
    'rev-parse',
    '--verify',
    '-q',
    '--end-of-options',
    `${name}^{commit}`,
  ]);
}

const AGAIN_MS = 100;

/** A checkout of the repository, as `git worktree list` tells. */
export interface Checkout {
  readonly path: string;
  readonly branch: string | null;
}

export async function checkoutsOf(git: Git, root: string): Promise<Checkout[]> {
  const list = ['worktree', 'list', '--porcelain'];
  let newer = await git.run(root, [...list, '-z']);
  // Somebody else makes or removes one at this moment, which is over soon.
  for (let tries = 0; tries < 5 && /failed to read/.test(newer.stderr); tries += 1) {
    await delay(AGAIN_MS);
    newer = await git.run(root, [...list, '-z']);
  }
  // Before git 2.36 there was no -z: names with a newline in them are beyond it.
  const text =
    newer.code === 0 ? newer.stdout : (await git.text(root, list)).replaceAll('\n', '\0');
  return parseCheckouts(text);
}

/** Only those with a working folder: a bare repository has none. */
export function parseCheckouts(text: string): Checkout[] {
  return text
    .split('\0\0')
    .map((entry) => entry.split('\0').filter((line) => line !== ''))
    .flatMap((lines) => {
      const path = valueOf(lines, 'worktree');
      if (path === null || lines.includes('bare')) return [];
      const ref = valueOf(lines, 'branch');
      return [{ path, branch: ref === null ? null : ref.replace(/^refs\/heads\//, '') }];
    });
}

function valueOf(lines: readonly string[], key: string): string | null {
  const line = lines.find((each) => each.startsWith(`${key} `));
  return line === undefined ? null : line.slice(key.length + 1);
}

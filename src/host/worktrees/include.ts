import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, readlink, rename, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { isInside } from '../../protocol/session/sharing.ts';
import { splitNames, type Git } from './git.ts';

/**
 * The convention that Claude Code, Codex and others share: a file at the root of the checkout, in
 * the syntax of .gitignore, that picks among the files git ignores. https://code.claude.com/docs/en/worktrees
 */
export const INCLUDE_FILE = '.worktreeinclude';
/** A copy for each session: enough for settings and keys, not for a folder of dependencies. */
export const MAX_INCLUDED_FILES = 5_000;
export const MAX_INCLUDED_BYTES = 512 * 1024 * 1024;
const MAX_LIST_BYTES = 8 * 1024 * 1024;
const LIST_LIMIT_MS = 60_000;
const HALF_COPY = '.porchlight-copy';

export interface Included {
  /** How many of the files are in the worktree now. */
  readonly copied: number;
  /** What was left out, in words; null when nothing was. */
  readonly leftOut: string | null;
}

/** Copies what the list names from `root` into `worktree`. Nothing there is ever written over. */
export async function copyIncluded(git: Git, root: string, worktree: string): Promise<Included> {
  const list = join(root, INCLUDE_FILE);
  if ((await lstatOf(list))?.isFile() !== true) return { copied: 0, leftOut: null };
  const chosen = await namesToCopy(git, root, list);
  if (typeof chosen === 'string') return { copied: 0, leftOut: chosen };
  const { names, isCut } = chosen;
  let copied = 0;
  let bytes = 0;
  let skipped = 0;
  for (const name of names.slice(0, MAX_INCLUDED_FILES)) {
    const size = (await lstatOf(join(root, name)))?.size ?? 0;
    if (bytes + size > MAX_INCLUDED_BYTES) skipped += 1;
    else if (await copyOne(root, worktree, name)) {
      copied += 1;
      bytes += size;
    } else skipped += 1;
  }
  if (isCut || names.length > MAX_INCLUDED_FILES)
    return {
      copied,
      leftOut: `${INCLUDE_FILE} names more than ${MAX_INCLUDED_FILES} files; the rest was not copied. A setup command in config.json can make what is large.`,
    };
  const leftOut =
    skipped === 0
      ? null
      : `${skipped} of the files that ${INCLUDE_FILE} names were not copied: too large together, a link that leads out of the repository, or no longer there.`;
  return { copied, leftOut };
}

/** Git does the matching: what the list names, and of that what git ignores. */
async function namesToCopy(
  git: Git,
  root: string,
  list: string,
): Promise<{ names: string[]; isCut: boolean } | string> {
  const bounds = { limitMs: LIST_LIMIT_MS, maxBytes: MAX_LIST_BYTES, cut: true };
  const listed = await git.run(
    root,
    ['ls-files', '-z', '--others', '--ignored', `--exclude-from=${list}`],
    bounds,
  );
  if (listed.code !== 0)
    return `${INCLUDE_FILE} cannot be read, and nothing was copied: ${listed.stderr.trim()}`;
  const named = splitNames(listed.isCut ? wholeNames(listed.stdout) : listed.stdout);
  if (named.length === 0) return { names: [], isCut: false };
  const { stdout } = await git.run(root, ['check-ignore', '-z', '--stdin'], {
    ...bounds,
    // This one cannot take names as they are; a beginning like this has no other meaning to it.
    env: { GIT_LITERAL_PATHSPECS: '0' },
    input: named.map((name) => `./${name}`).join('\0'),
  });
  // A name that ends in a slash is a repository of its own.
  const names = splitNames(stdout)
    .map((name) => name.slice(2))
    .filter((name) => !name.endsWith('/'));
  return { names, isCut: listed.isCut };
}

function wholeNames(text: string): string {
  return text.slice(0, text.lastIndexOf('\0') + 1);
}

/** Whether the worktree has it afterwards. */
async function copyOne(root: string, worktree: string, name: string): Promise<boolean> {
  const from = join(root, name);
  const to = join(worktree, name);
  const found = await lstatOf(from);
  if (found === null || !isInside(to, worktree)) return false;
  if ((await lstatOf(to)) !== null) return true;
  if (!(await hasFolders(worktree, dirname(name)))) return false;
  try {
    if (found.isSymbolicLink()) return await copyLink(root, from, to);
    if (!found.isFile()) return false;
    // Whole or not at all: a host killed in between would leave half a file behind.
    const half = join(dirname(to), HALF_COPY);
    await copyFile(from, half, constants.COPYFILE_FICLONE);
    await rename(half, to);
    return true;
  } catch {
    return false;
  }
}

/** Only one that leads to the same place inside the worktree as in the checkout. */
async function copyLink(root: string, from: string, to: string): Promise<boolean> {
  const target = await readlink(from);
  if (isAbsolute(target) || !isInside(resolve(dirname(from), target), root)) return false;
  await symlink(target, to);
  return true;
}

/** Makes the folders step by step: none of them may be a link, which could lead anywhere. */
async function hasFolders(worktree: string, inside: string): Promise<boolean> {
  let folder = worktree;
  for (const part of inside.split(sep === '\\' ? /[\\/]/ : '/')) {
    if (part === '.' || part === '') continue;
    folder = join(folder, part);
    const found = await lstatOf(folder);
    if (found === null) await mkdir(folder);
    else if (!found.isDirectory()) return false;
  }
  return true;
}

export async function lstatOf(path: string) {
  try {
    return await lstat(path);
  } catch {
    return null;
  }
}

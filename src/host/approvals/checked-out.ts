import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Deeper nobody works. */
const MAX_LEVELS = 64;
const MAX_HEAD_BYTES = 4_096;

/**
 * The branch that is checked out where an agent works; null outside of git, on a detached HEAD, and
 * where it cannot be known. Two small reads, since rules ask for it inside a transaction; git itself
 * would take a process.
 */
export function checkedOutBranch(cwd: string): string | null {
  try {
    const head = readSmall(join(gitFolderOf(cwd), 'HEAD'));
    return /^ref: refs\/heads\/(?<name>\S+)\s*$/.exec(head)?.groups?.name ?? null;
  } catch {
    return null;
  }
}

/** A worktree's `.git` is a file that names its folder (gitrepository-layout). */
function gitFolderOf(cwd: string): string {
  let folder = cwd;
  for (let level = 0; level < MAX_LEVELS; level += 1) {
    const git = join(folder, '.git');
    const found = lstatSync(git, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) return git;
    if (found?.isFile() === true) {
      const named = /^gitdir: (?<path>.+?)\s*$/.exec(readSmall(git))?.groups?.path;
      if (named === undefined) throw new Error('no gitdir');
      return resolve(folder, named);
    }
    const above = dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  throw new Error('not in a checkout');
}

/** Whatever an agent puts there, a named pipe say: this neither waits nor reads much. */
function readSmall(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(fd);
    if (!found.isFile() || found.size > MAX_HEAD_BYTES) throw new Error('not one of git');
    const bytes = Buffer.alloc(found.size);
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

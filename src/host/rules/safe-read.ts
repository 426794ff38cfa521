import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  type Stats,
} from 'node:fs';
import { dirname } from 'node:path';

export const MAX_RULE_FILE_BYTES = 4 * 1024 * 1024;

/** Who may have written a file of rules. */
export interface Keepers {
  /** User ids whose file it may be; null where there are none (Windows). */
  readonly owners: readonly number[] | null;
  /** A group that holds nobody but the user: its members may write. */
  readonly ownGroup: number | null;
  /** Where there are no user ids: what is wrong with a file's access list, or null. */
  readonly accessProblem?: (path: string) => string | null;
}

export type SafeRead =
  | { readonly kind: 'none' }
  | { readonly kind: 'read'; readonly bytes: Buffer }
  /** Its content is not known. */
  | { readonly kind: 'unreadable'; readonly problem: string }
  /** Somebody else may have written it: no more than what tightens can be believed. */
  | { readonly kind: 'open'; readonly problem: string; readonly bytes: Buffer };

/**
 * A file of rules, unless somebody else may have written it. Never hangs: what is no regular file is
 * not opened, and if it becomes one in between, the open does not wait.
 */
export function readSafely(path: string, keepers: Keepers): SafeRead {
  try {
    const folder = lstatOf(dirname(path));
    const found = lstatOf(path);
    if (folder === null || found === null) return { kind: 'none' };
    if (folder.isSymbolicLink())
      return unreadable(`its folder ${dirname(path)} is a link: make it a folder`);
    if (found.isSymbolicLink()) return unreadable('it is a link: put the file itself there');
    if (!found.isFile()) return unreadable('it is no regular file: move it away');
    const problem =
      openTo(folder, keepers, `its folder ${dirname(path)}`, `chmod go-w '${dirname(path)}'`) ??
      openTo(found, keepers, 'it', `chmod go-w '${path}'`) ??
      keepers.accessProblem?.(path) ??
      null;
    const read = readFound(path, found);
    return read.kind === 'read' && problem !== null ? { ...read, kind: 'open', problem } : read;
  } catch (error) {
    return unreadable(`it cannot be read (${codeOf(error)}): make it readable for you`);
  }
}

/** Changes whenever the file does, or who may write it; without reading it. */
export function stampOf(path: string): string {
  return `${stampOfOne(dirname(path))} / ${stampOfOne(path)}`;
}

function stampOfOne(path: string): string {
  try {
    const { ino, dev, size, mtimeMs, ctimeMs, mode, uid, isFile } = statWithKind(path);
    // What happens in a folder beside our file is no change of it.
    return isFile
      ? `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`
      : `${dev} ${ino} ${mode.toString(8)} ${uid}`;
  } catch (error) {
    return codeOf(error);
  }
}

function statWithKind(path: string) {
  const found = lstatSync(path);
  return { ...found, isFile: found.isFile() };
}

function readFound(path: string, found: Stats): SafeRead {
  const fd = openSync(path, constants.O_RDONLY | noFollow());
  try {
    const opened = fstatSync(fd);
    if (!opened.isFile() || opened.ino !== found.ino || opened.dev !== found.dev)
      return unreadable('it was replaced while it was read');
    if (opened.size > MAX_RULE_FILE_BYTES)
      return unreadable(`it is larger than ${MAX_RULE_FILE_BYTES / 1024 / 1024} MiB`);
    const bytes = Buffer.alloc(opened.size);
    let length = 0;
    while (length < bytes.length) {
      const taken = readSync(fd, bytes, length, bytes.length - length, null);
      if (taken === 0) break;
      length += taken;
    }
    return { kind: 'read', bytes: bytes.subarray(0, length) };
  } finally {
    closeSync(fd);
  }
}

/** Windows has neither of them. */
function noFollow(): number {
  const { O_NOFOLLOW, O_NONBLOCK }: { O_NOFOLLOW?: number; O_NONBLOCK?: number } = constants;
  return (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);
}

function openTo(found: Stats, keepers: Keepers, what: string, fix: string): string | null {
  const { owners, ownGroup } = keepers;
  if (owners === null) return null;
  if (!owners.includes(found.uid)) return `${what} belongs to another user (${found.uid})`;
  if ((found.mode & 0o002) !== 0) return `${what} can be written by everybody: ${fix}`;
  if ((found.mode & 0o020) !== 0 && found.gid !== ownGroup)
    return `${what} can be written by a group: ${fix}`;
  return null;
}

function lstatOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return null;
    throw error;
  }
}

function unreadable(problem: string): SafeRead {
  return { kind: 'unreadable', problem };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

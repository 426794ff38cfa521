import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const MAX_BYTES = 1024 * 1024;

/**
 * A file with secrets, or null when there is none. Throws in words when somebody else could have
 * read or written it.
 */
export function readPrivate(path: string, maxBytes = MAX_BYTES): string | null {
  let found;
  try {
    found = statSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new Error(`${path} cannot be read (${codeOf(error)}): it must be yours alone.`, {
      cause: error,
    });
  }
  if (!found.isFile() || found.size > maxBytes)
    throw new Error(`${path} is not the file that it should be: move it away.`);
  // Where there are no user ids (Windows) the folder's access list protects it.
  const uid = process.getuid?.();
  if (uid !== undefined && found.uid !== uid)
    throw new Error(`${path} belongs to another user: move it away, and pair your devices anew.`);
  if (uid !== undefined && (found.mode & 0o077) !== 0)
    throw new Error(
      `${path} holds secrets and is open to other users. If nobody has read it: chmod 600 '${path}'. Else remove it, and pair your devices anew.`,
    );
  return readFileSync(path, 'utf8');
}

/** Replaces the file as a whole, durable when it returns: after a power cut it is the old or the new one. */
export function writePrivate(path: string, text: string): void {
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  const fd = openSync(fresh, 'wx', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  // The umask only takes away; this is for one that takes too much.
  chmodSync(fresh, 0o600);
  renameSync(fresh, path);
  syncFolder(dirname(path));
}

/** The rename itself is durable only with its folder; Windows cannot open one, and needs it not. */
function syncFolder(folder: string): void {
  let fd;
  try {
    fd = openSync(folder, 'r');
    fsyncSync(fd);
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL'].includes(codeOf(error))) throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

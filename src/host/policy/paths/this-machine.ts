import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { homedir } from 'node:os';
import type { PathWorld } from './path-world.ts';

/** The files of this machine. */
export function thisMachine(): PathWorld {
  const windows = process.platform === 'win32';
  return {
    home: homedir(),
    windows,
    foldsCase: windows || process.platform === 'darwin',
    realpath: (path) => (there(path) === null ? null : orNull(() => realpathSync.native(path))),
    readlink: (path) =>
      there(path)?.isSymbolicLink() === true ? orNull(() => readlinkSync(path)) : null,
    readStart: (path, bytes) => orNull(() => readStart(path, bytes)),
  };
}

/** Errors are dear, and most paths that are asked about are new. */
function there(path: string): Stats | null {
  return orNull(() => lstatSync(path, { throwIfNoEntry: false }) ?? null);
}

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    // Nothing there, or nothing for us: both are told by the caller's own rules.
    return null;
  }
}

function readStart(path: string, bytes: number): string | null {
  // Without O_NONBLOCK opening a named pipe would wait for whoever writes into it.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!fstatSync(file).isFile()) return null;
    const buffer = Buffer.alloc(bytes);
    const read = readSync(file, buffer, 0, bytes, 0);
    return buffer.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}

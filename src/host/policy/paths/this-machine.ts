import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
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
    realpath: (path) => orNull(() => realpathSync.native(path)),
    readlink: (path) => orNull(() => readlinkSync(path)),
    readStart: (path, bytes) => orNull(() => readStart(path, bytes)),
  };
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

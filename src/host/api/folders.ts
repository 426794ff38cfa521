import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { RpcFailure } from '../../protocol/errors.ts';
import type { Result } from '../../protocol/methods.ts';

const MAX_FOLDERS = 1_000;

/** Folders below `path` (default: the home folder), for a picker where the shell has none. */
export async function listFolders(path: string | undefined): Promise<Result<'folder.list'>> {
  const folder = resolve(path ?? homedir());
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'EACCES'
        ? 'you may not look into it'
        : 'it does not exist';
    throw new RpcFailure('refused', `Cannot list ${folder}: ${why}.`, { kind: 'folder' });
  }
  const folders = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name)
    .sort((a, b) => a.localeCompare(b))
    .slice(0, MAX_FOLDERS);
  const parent = dirname(folder);
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    folders,
    git: await exists(join(folder, '.git')),
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

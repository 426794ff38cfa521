import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DeadlineExceeded, withDeadline } from '../../base/deadline.ts';
import { RpcFailure } from '../../protocol/errors.ts';

const GIT_LIMIT_MS = 5_000;
/** A folder on a network that is gone does not answer at all. */
const FOLDER_LIMIT_MS = 10_000;
const run = promisify(execFile);

/** The folder as a session's cwd, or a refusal that says what is wrong with it. */
export async function checkedFolder(cwd: string): Promise<string> {
  try {
    return await withDeadline(checked(cwd), FOLDER_LIMIT_MS, 'Looking at a folder');
  } catch (error) {
    if (!(error instanceof DeadlineExceeded)) throw error;
    throw new RpcFailure(
      'refused',
      `The folder ${cwd} did not answer within ${FOLDER_LIMIT_MS / 1_000} s: is its disk or network there?`,
      { kind: 'folder' },
    );
  }
}

async function checked(cwd: string): Promise<string> {
  if (!isAbsolute(cwd))
    throw new RpcFailure('refused', `The folder ${cwd} is not an absolute path.`);
  let found;
  try {
    found = await stat(cwd);
  } catch {
    throw new RpcFailure('refused', `The folder ${cwd} does not exist: choose another one.`, {
      kind: 'folder',
    });
  }
  if (!found.isDirectory())
    throw new RpcFailure('refused', `${cwd} is not a folder.`, { kind: 'folder' });
  try {
    await access(cwd, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    throw new RpcFailure(
      'refused',
      `The folder ${cwd} is not writable for you: change its permissions or choose another one.`,
      { kind: 'folder' },
    );
  }
  return await realpath(cwd);
}

/**
 * What stands for the repository of a folder, its own path where there is none: sessions of one
 * repository may share a process. Worktrees of one repository have it in common.
 */
export async function repositoryOf(cwd: string): Promise<string> {
  try {
    // Of this folder, whatever a hook or an alias that started the host has set.
    const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_COMMON_DIR: ___, ...env } = process.env;
    const { stdout } = await run('git', ['-C', cwd, 'rev-parse', '--git-common-dir'], {
      timeout: GIT_LIMIT_MS,
      env,
    });
    const folder = stdout.trimEnd();
    // Older ones answer relative to the folder.
    return folder === '' ? cwd : await realpath(resolve(cwd, folder));
  } catch {
    return cwd;
  }
}

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
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

/** The repository's root, else the folder itself: sessions of one root may share a process. */
export async function repositoryRoot(cwd: string): Promise<string> {
  try {
    // Of this folder, whatever a hook or an alias that started the host has set.
    const { GIT_DIR: _, GIT_WORK_TREE: __, ...env } = process.env;
    const { stdout } = await run('git', ['-C', cwd, 'rev-parse', '--show-toplevel'], {
      timeout: GIT_LIMIT_MS,
      env,
    });
    return stdout.trim() || cwd;
  } catch {
    return cwd;
  }
}

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { keeperEnv } from '../../local/ensure-host.ts';
import type { Home } from '../../local/home.ts';
import { coverInherited } from '../../local/inherited-descriptors.ts';

export interface StartedHolder {
  /** It ended, or could not be started. */
  readonly ended: Promise<string>;
}

/**
 * Starts a holder in the background: its own session, none of our descriptors, so that it outlives
 * us. Two at once are harmless, the second one sees the first and leaves. Like the keeper it gets our
 * environment without the marks of an agent; the addresses of the desktop's buses are in there.
 */
export function startHolder(home: Home, dist: string): StartedHolder {
  const log = openSync(join(home.logs, 'holder.log'), 'a', 0o600);
  const cover = coverInherited();
  try {
    const child = spawn(process.execPath, [join(dist, 'holder', 'main.js')], {
      detached: true,
      windowsHide: true,
      cwd: home.root,
      stdio: ['ignore', log, log, ...cover.stdio],
      env: keeperEnv(home),
    });
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) =>
        resolve(`it ended (${signal ?? `exit code ${code ?? '?'}`}): see ${home.logs}/holder.log`),
      );
    });
    child.unref();
    return { ended };
  } finally {
    cover.release();
    closeSync(log);
  }
}

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { homeOf } from '../../src/local/home.ts';
import { endHost } from '../e2e/support/host-of.ts';
import { treeOf } from './process-memory.ts';

const END_LIMIT_MS = 20_000;

/**
 * Ends what a bench that was cut short has left: hosts whose homes lie under `folder`, then every
 * process below ours. Takes the folder away.
 */
export async function sweep(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const root = join(folder, name, 'home');
    if (existsSync(root)) await endHost(homeOf({ PORCHLIGHT_HOME: root }), END_LIMIT_MS);
  }
  if (existsSync('/proc'))
    for (const pid of treeOf([process.pid])) if (pid !== process.pid) end(pid);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

import type { ProcessKey } from './process-lock.ts';
import { linuxProcessStart } from './process-start.linux.ts';
import { macosProcessStart } from './process-start.macos.ts';
import { windowsProcessStart } from './process-start.windows.ts';

/** When the process with this pid started, in words that no later process repeats; null when there is none. */
export type ProcessStart = (pid: number) => Promise<string | null>;

/** How this platform tells one process from a later one with the same pid. A zombie is gone. */
export function processStart(platform: NodeJS.Platform): ProcessStart {
  if (platform === 'win32') return windowsProcessStart();
  return platform === 'darwin' ? macosProcessStart() : linuxProcessStart();
}

export async function keyOfThisProcess(startOf: ProcessStart): Promise<ProcessKey> {
  const startedAt = await startOf(process.pid);
  if (startedAt === null)
    throw new Error('The list of processes does not show this one: is /proc mounted?');
  return { pid: process.pid, startedAt };
}

import type { Sought } from './program-name.ts';
import { linuxRunningPrograms } from './running-programs.linux.ts';
import { macosRunningPrograms } from './running-programs.macos.ts';
import { windowsRunningPrograms } from './running-programs.windows.ts';

/** A running program of this user. */
export interface RunningProgram {
  readonly pid: number;
  /** Resolved; null where it cannot be seen. */
  readonly cwd: string | null;
  /** In the system's own form; null where it cannot be seen. */
  readonly startedAt: string | null;
  /** It carries a keeper's mark: some Porchlight's own. */
  readonly isMarked: boolean;
}

export interface RunningPrograms {
  find(sought: Sought): Promise<RunningProgram[]>;
}

export function runningPrograms(platform: NodeJS.Platform): RunningPrograms {
  if (platform === 'win32') return windowsRunningPrograms();
  return platform === 'darwin' ? macosRunningPrograms() : linuxRunningPrograms();
}

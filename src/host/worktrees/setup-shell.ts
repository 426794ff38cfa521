import { setupInPosixShell } from './setup-shell.posix.ts';
import { setupInWindowsShell } from './setup-shell.windows.ts';

/** A program that runs a person's own command line and ends, with all it started, when its stdin does. */
export interface SetupProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** In a process group of its own. */
  readonly isGroup: boolean;
  /** The arguments are a command line already. */
  readonly isVerbatim: boolean;
}

/** How a setup command is run here. */
export function setupProgramFor(
  platform: NodeJS.Platform,
): (line: string, env: Readonly<Record<string, string>>) => SetupProgram {
  return platform === 'win32' ? setupInWindowsShell : setupInPosixShell;
}

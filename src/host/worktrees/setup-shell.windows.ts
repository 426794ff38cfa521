import type { SetupProgram } from './setup-shell.ts';

/** Windows has no login shell: the command interpreter, with the line as it was written. */
export function setupInWindowsShell(
  line: string,
  env: Readonly<Record<string, string>>,
): SetupProgram {
  return {
    command: env.ComSpec ?? env.COMSPEC ?? 'cmd.exe',
    args: ['/d', '/s', '/c', `"${line}"`],
    env,
    isGroup: false,
    isVerbatim: true,
  };
}

import type { ShellProbe } from './login-shell.ts';
import { probeLoginShell } from './login-shell.posix.ts';

/** The probe for this platform, or null where programs get the same environment as terminals. */
export function shellProbeFor(platform: NodeJS.Platform): ShellProbe | null {
  return platform === 'win32' ? null : probeLoginShell;
}

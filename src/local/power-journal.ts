import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** An entry: one setting of the system that somebody of ours has changed. */
export const POWER_JOURNAL_ENTRY = /^[0-9a-f]{32}\.json$/u;

/**
 * Where it is kept what holders changed in this machine's settings, and what stood there before: one
 * folder for all homes of a user, since they share the settings.
 */
export function powerJournalFolder(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === 'darwin')
    return join(homedir(), 'Library', 'Application Support', 'Porchlight', 'power');
  if (platform === 'win32')
    return join(
      given(env.LOCALAPPDATA) ?? join(homedir(), 'AppData', 'Local'),
      'Porchlight',
      'power',
    );
  return join(
    given(env.XDG_STATE_HOME) ?? join(homedir(), '.local', 'state'),
    'porchlight',
    'power',
  );
}

/** Whether a setting of this machine may still be as a holder, living or dead, has made it. */
export function hasPowerJournal(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => POWER_JOURNAL_ENTRY.test(name));
  } catch {
    // There was never one.
    return false;
  }
}

/** The XDG Base Directory Specification: a relative path counts as none. */
function given(path: string | undefined): string | null {
  return path !== undefined && isAbsolute(path) ? path : null;
}

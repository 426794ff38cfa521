import { closeSync, openSync, readdirSync } from 'node:fs';

export interface Cover {
  /** For the end of `stdio`: what the child gets as descriptors 3 and up. */
  readonly stdio: readonly number[];
  release(): void;
}

const NOTHING: Cover = { stdio: [], release: () => {} };

/**
 * Electron's descriptors are not close-on-exec (plain Node's are), so a child of the tray app would
 * hold its sockets and pipes for as long as it lives: whoever waits for the tray app's end would wait for
 * the keeper's. Node cannot close descriptors in a child, but it can put something else in their place.
 */
export function coverInherited(): Cover {
  if (process.versions.electron === undefined || process.platform === 'win32') return NOTHING;
  try {
    const highest = Math.max(...readdirSync('/dev/fd').map(Number));
    const nothing = openSync('/dev/null', 'r+');
    return {
      stdio: Array.from({ length: Math.max(0, highest - 2) }, () => nothing),
      release: () => closeSync(nothing),
    };
  } catch {
    // Without /dev/fd they are inherited: untidy, and no reason not to start the host.
    return NOTHING;
  }
}

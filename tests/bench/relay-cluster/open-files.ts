import { readFileSync } from 'node:fs';

/** Files that a server has open besides its connections. */
export const OTHER_FILES = 100;

/** What a process may have open here: none could hold more connections. */
export function openFilesLimit(): number {
  const found = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
  return found === null ? Number.POSITIVE_INFINITY : Number(found[1]);
}

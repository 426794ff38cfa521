import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const LIMIT_MS = 2_000;
const run = promisify(execFile);

/** What `vm_stat` counts as free or as to be had for the asking; `os.freemem()` leaves the latter out. */
export async function macosFreeMemory(): Promise<number | null> {
  try {
    const { stdout } = await run('/usr/bin/vm_stat', [], { timeout: LIMIT_MS });
    return parseVmStat(stdout);
  } catch {
    return null;
  }
}

export function parseVmStat(text: string): number | null {
  const pageBytes = /page size of (\d+) bytes/.exec(text)?.[1];
  const pages = ['free', 'inactive', 'speculative', 'purgeable'].map(
    (name) => new RegExp(`^Pages ${name}:\\s+(\\d+)\\.`, 'm').exec(text)?.[1],
  );
  if (pageBytes === undefined || pages[0] === undefined) return null;
  return Number(pageBytes) * pages.reduce((sum, count) => sum + Number(count ?? 0), 0);
}

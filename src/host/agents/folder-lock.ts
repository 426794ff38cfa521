import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 250;
/** A lock without a readable owner is one being written, unless it stays so. */
const UNREADABLE_MS = 10_000;

/**
 * Waits until nobody else holds the lock file, takes it, and returns its release. A lock whose
 * process is gone is taken over, so a killed installer blocks nobody.
 */
export async function takeLock(file: string, signal: AbortSignal): Promise<() => void> {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  for (;;) {
    signal.throwIfAborted();
    if (tryTake(file)) return () => rmSync(file, { force: true });
    if (isAbandoned(file)) rmSync(file, { force: true });
    else await delay(POLL_MS, undefined, { signal });
  }
}

function tryTake(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0)
      return Date.now() - statSync(file).mtimeMs > UNREADABLE_MS;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // ESRCH: the owner is gone. ENOENT: the lock is. EPERM would be a living process of another user.
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

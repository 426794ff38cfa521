import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process that cannot be mistaken for a later one with the same pid. */
export interface ProcessKey {
  readonly pid: number;
  readonly startedAt: string;
}

export function keyText(key: ProcessKey): string {
  return `${key.pid}@${key.startedAt}`;
}

export type LockResult =
  | { readonly held: true }
  | { readonly held: false; readonly by: ProcessKey };

const NAME = /^lock-(\d{8})$/;

/**
 * One holder a folder, with no moment in which two can win. The holder is the highest number; who
 * finds its process gone links the next one, which only one can do, and holds it if it is still
 * the highest afterwards. The highest file is never removed, only overtaken, so a slow contender
 * that acts on an old look loses. (An unlink of a stale file would race with its replacement.)
 */
export async function acquireLock(
  folder: string,
  me: ProcessKey,
  isAlive: (key: ProcessKey) => Promise<boolean>,
): Promise<LockResult> {
  for (;;) {
    const highest = highestIn(folder);
    if (highest > 0) {
      const holder = readKey(join(folder, nameOf(highest)));
      if (holder !== null && (await isAlive(holder))) return { held: false, by: holder };
    }
    if (!claim(folder, highest + 1, me)) continue;
    if (highestIn(folder) === highest + 1) {
      removeBelow(folder, highest + 1);
      return { held: true };
    }
    rmSync(join(folder, nameOf(highest + 1)), { force: true });
  }
}

/** Who holds it lets it go before its end: the file stays, and names nobody. */
export function releaseLock(folder: string, me: ProcessKey): void {
  const file = join(folder, nameOf(highestIn(folder)));
  if (readKey(file)?.pid !== me.pid) return;
  const draft = join(folder, `draft-${me.pid}`);
  writeFileSync(draft, 'null', { mode: 0o600 });
  renameSync(draft, file);
}

function claim(folder: string, generation: number, me: ProcessKey): boolean {
  const draft = join(folder, `draft-${me.pid}`);
  writeFileSync(draft, JSON.stringify(me), { mode: 0o600 });
  try {
    // Linked, so that nobody ever reads half of it. Where sockets work, links do.
    linkSync(draft, join(folder, nameOf(generation)));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function highestIn(folder: string): number {
  return Math.max(0, ...generations(folder));
}

function removeBelow(folder: string, generation: number): void {
  for (const old of generations(folder))
    if (old < generation) rmSync(join(folder, nameOf(old)), { force: true });
}

function generations(folder: string): number[] {
  return readdirSync(folder).flatMap((name) => {
    const digits = NAME.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

function nameOf(generation: number): string {
  return `lock-${String(generation).padStart(8, '0')}`;
}

function readKey(file: string): ProcessKey | null {
  try {
    return asKey(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

export function asKey(value: unknown): ProcessKey | null {
  if (typeof value !== 'object' || value === null) return null;
  if (
    !(
      'pid' in value &&
      typeof value.pid === 'number' &&
      Number.isInteger(value.pid) &&
      value.pid > 0
    )
  )
    return null;
  if (!('startedAt' in value && typeof value.startedAt === 'string')) return null;
  return { pid: value.pid, startedAt: value.startedAt };
}

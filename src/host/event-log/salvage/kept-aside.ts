import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/** Beside the database: why it must not be opened as it is, and how far its replacement has come. */
const noteSchema = z.object({
  why: z.string(),
  /** Once the new database is complete: where the damaged one goes. */
  aside: z.string().optional(),
});
export type DamageNote = z.infer<typeof noteSchema>;

const ENDS = ['', '-wal', '-shm'] as const;

function notePath(path: string): string {
  return `${path}.damage.json`;
}

export function freshPath(path: string): string {
  return `${path}.salvaged`;
}

/** Read at the next start. On a full disk it may be lost; the damage is then found again. */
export function noteDamage(path: string, note: DamageNote): void {
  const draft = `${notePath(path)}.new`;
  writeFileSync(draft, JSON.stringify(note), { mode: 0o600 });
  renameSync(draft, notePath(path));
}

export function readDamage(path: string): DamageNote | null {
  try {
    return noteSchema.parse(JSON.parse(readFileSync(notePath(path), 'utf8')));
  } catch {
    return null;
  }
}

export function forgetDamage(path: string): void {
  rmSync(notePath(path), { force: true });
}

/**
 * Puts the damaged files aside and the new one in their place. The note comes first: whenever this is
 * cut short, doing it again ends it.
 */
export function putAside(path: string, note: DamageNote & { aside: string }): void {
  noteDamage(path, note);
  finishPuttingAside(path);
}

export function finishPuttingAside(path: string): void {
  const note = readDamage(path);
  if (note?.aside === undefined) return;
  const isFreshInPlace = !existsSync(freshPath(path));
  for (const end of ENDS)
    if (!isFreshInPlace && existsSync(path + end)) renameSync(path + end, note.aside + end);
  if (!isFreshInPlace) renameSync(freshPath(path), path);
  forgetDamage(path);
}

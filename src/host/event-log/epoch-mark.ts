import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/**
 * What the last host saw of its database, kept beside it. A database that is behind its mark, or is
 * not the file the mark speaks of, was put there by someone (a backup, another disk): its history
 * need not continue what surfaces have seen, so it gets a new epoch.
 */
const markSchema = z.object({
  epoch: z.string(),
  /** How often the database had been opened. */
  opens: z.number(),
  /** Events in it when the mark was last written; it may have more by now. */
  events: z.number(),
  /** File number and birth time: a copy has others. */
  file: z.string(),
});
export type EpochMark = z.infer<typeof markSchema>;

export function markPath(databasePath: string): string {
  return `${databasePath}.mark.json`;
}

/** null when there is none, or it cannot be read: both mean that nothing is known. */
export function readMark(databasePath: string): EpochMark | null {
  try {
    return markSchema.parse(JSON.parse(readFileSync(markPath(databasePath), 'utf8')));
  } catch {
    return null;
  }
}

/** Never ahead of what is durable in the database; losing it only costs surfaces a fresh start. */
export function writeMark(databasePath: string, mark: EpochMark): void {
  const path = markPath(databasePath);
  writeFileSync(`${path}.new`, JSON.stringify(mark), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function fileIdentity(path: string): string {
  const { ino, birthtimeMs } = statSync(path, { bigint: true });
  return `${ino}:${birthtimeMs}`;
}

export function isContinuation(mark: EpochMark | null, database: EpochMark): boolean {
  return (
    mark !== null &&
    mark.epoch === database.epoch &&
    mark.file === database.file &&
    mark.opens <= database.opens &&
    mark.events <= database.events
  );
}

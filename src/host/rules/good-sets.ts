import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import { readPrivate, writePrivate } from '../devices/private-file.ts';

const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** Beside the user's and the administrator's, those of so many projects. */
const MAX_SETS = 100;

const fileSchema = z.object({ version: z.literal(1), sets: z.record(z.string(), z.unknown()) });

const PROJECT = 'project:';

/** What the good set of a project is kept under. */
export function projectSet(folder: string): string {
  return PROJECT + folder;
}

/** What each file of rules last said while it was good: it outlives the host, for a bad one later. */
export class GoodSets {
  readonly #path: string;
  readonly #logger: Logger;
  #sets: Map<string, unknown>;

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
    this.#sets = this.#read();
  }

  of<T>(name: string, schema: z.ZodType<T>): T | null {
    const parsed = schema.safeParse(this.#sets.get(name));
    return parsed.success ? parsed.data : null;
  }

  keep(name: string, value: unknown): void {
    if (hashOf(this.#sets.get(name)) === hashOf(value)) return;
    // The newest stand last; the user's and the administrator's always stay.
    this.#sets.delete(name);
    this.#sets.set(name, value);
    const projects = [...this.#sets.keys()].filter((each) => each.startsWith(PROJECT));
    for (const oldest of projects.slice(0, -MAX_SETS)) this.#sets.delete(oldest);
    this.#write();
  }

  forget(name: string): void {
    if (this.#sets.delete(name)) this.#write();
  }

  #read(): Map<string, unknown> {
    try {
      const text = readPrivate(this.#path, MAX_FILE_BYTES);
      if (text === null) return new Map();
      return new Map(Object.entries(fileSchema.parse(JSON.parse(text)).sets));
    } catch (error) {
      // Without it a bad file of rules means: only what tightens.
      this.#logger.warn({ err: error }, 'the last good rules cannot be read');
      return new Map();
    }
  }

  #write(): void {
    try {
      writePrivate(
        this.#path,
        JSON.stringify({ version: 1, sets: Object.fromEntries(this.#sets) }),
      );
    } catch (error) {
      // They hold as long as this host runs; only one after it would not know them.
      this.#logger.warn({ err: error }, 'the last good rules cannot be kept');
    }
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(value) ?? '')
    .digest('hex');
}

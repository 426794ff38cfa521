import { realpathSync } from 'node:fs';
import { z } from 'zod';
import { writePrivate } from '../devices/private-file.ts';
import { configOf, readConfigText } from './config.ts';
import { ConfigError } from './config-error.ts';

/** A person who saves again and again at the same moment. */
const TRIES = 5;
const objectSchema = z.record(z.string(), z.unknown());
type Json = z.output<typeof objectSchema>;

/**
 * Changes config.json as a whole, durable when it returns: everything that `change` does not touch
 * stays, what a person saved in the same moment too. Throws a {@link ConfigError}, and has changed
 * nothing then: when the file is bad, would become bad, or cannot be written.
 */
export function editConfig(path: string, change: (json: Json) => Json): void {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const before = readConfigText(path);
    if (before !== null) configOf(path, before);
    const json = objectSchema.parse(before === null ? {} : JSON.parse(before));
    const after = `${JSON.stringify(change(json), null, indentOf(before))}\n`;
    configOf(path, after);
    // An editor may have saved since; what it saved is what is changed then.
    if (readConfigText(path) !== before) continue;
    try {
      writePrivate(realPath(path), after);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ConfigError(path, `it cannot be written (${why})`, error);
    }
    return;
  }
  throw new ConfigError(path, 'somebody else is changing it: try again');
}

/** Where it really stands, for those who keep their settings elsewhere. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function indentOf(text: string | null): string | number {
  return /^\s*\{\s*\n([ \t]+)/u.exec(text ?? '')?.[1] ?? 2;
}

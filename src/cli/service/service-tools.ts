import { readFileSync } from 'node:fs';

/** Of every system tool that services use; each answers within milliseconds. */
export const TOOL_LIMIT_MS = 15_000;

/** Null when it is not there, or not ours to read. */
export function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

import { statSync, truncateSync, writeSync } from 'node:fs';
import type { Logger } from '../base/log.ts';

const MAX_LOG_BYTES = 1024 * 1024;

/** Empties a log that grew over 1 MiB. Who has it open for appending goes on at its start. */
export function truncateWhenLong(file: string): void {
  try {
    if (statSync(file).size > MAX_LOG_BYTES) truncateSync(file);
  } catch {
    // Not there: whoever started us sends our output elsewhere.
  }
}

/**
 * JSON lines to a descriptor that leads to `file`: stderr, which whoever started the keeper points
 * there, or one of its own. Written at once and without a stream: a terminal that closed must not
 * end the keeper.
 */
export function lineLog(descriptor: number, file: string, now: () => Date): Logger {
  let written = 0;
  const at = (level: string) => (fields: Record<string, unknown>, message: string) => {
    const line = JSON.stringify({ time: now().toISOString(), level, ...fields, message }) + '\n';
    written += line.length;
    if (written > MAX_LOG_BYTES) {
      written = 0;
      truncateWhenLong(file);
    }
    try {
      writeSync(descriptor, line);
    } catch {
      // Nobody is left to tell.
    }
  };
  return { debug: () => {}, info: at('info'), warn: at('warn'), error: at('error') };
}

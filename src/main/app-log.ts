import { appendFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from '../base/log.ts';
import { makeFolder } from '../local/home.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * The tray app's log: few lines a day, so plain appends; one older file is kept. A log that
 * cannot be written must not take the tray down.
 */
export function appLog(file: string, now: () => Date): Logger {
  const write = (level: string) => (fields: Record<string, unknown>, message: string) => {
    try {
      makeRoom(file);
      appendFileSync(
        file,
        `${JSON.stringify({ time: now().toISOString(), level, ...fields, msg: message })}\n`,
        { mode: 0o600 },
      );
    } catch {
      process.stderr.write(`${level}: ${message}\n`);
    }
  };
  return { debug: () => {}, info: write('info'), warn: write('warn'), error: write('error') };
}

function makeRoom(file: string): void {
  try {
    if (statSync(file).size > MAX_BYTES) renameSync(file, `${file}.1`);
  } catch {
    makeFolder(dirname(file));
  }
}

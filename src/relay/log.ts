import { writeSync } from 'node:fs';
import type { Logger } from '../base/log.ts';

/**
 * JSON lines to a descriptor. Nothing that goes in names a client: no ids, no addresses, no URLs of
 * theirs; what an operator can see of them is in `/metrics`, as numbers.
 */
export function lineLog(descriptor: number, now: () => Date): Logger {
  const at = (level: string) => (fields: Record<string, unknown>, message: string) => {
    const line = JSON.stringify({ time: now().toISOString(), level, ...fields, message });
    try {
      writeSync(descriptor, `${line}\n`);
    } catch {
      // Nobody is left to tell.
    }
  };
  return { debug: () => {}, info: at('info'), warn: at('warn'), error: at('error') };
}

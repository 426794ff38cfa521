import { writeSync } from 'node:fs';
import type { Logger } from '../base/log.ts';

/**
 * JSON lines to a descriptor. Nothing that goes in names a client: no ids, no addresses, no URLs of
 * theirs; what an operator can see of them is in `/metrics`, as numbers. The words of an error are not
 * ours to choose, and may hold an id (NATS names the subject that it refuses): see {@link withoutIds}.
 */
export function lineLog(descriptor: number, now: () => Date): Logger {
  const at = (level: string) => (fields: Record<string, unknown>, message: string) => {
    const told = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? withoutIds(value) : value,
    ]);
    const line = { time: now().toISOString(), level, ...Object.fromEntries(told), message };
    try {
      writeSync(descriptor, `${JSON.stringify(line)}\n`);
    } catch {
      // Nobody is left to tell.
    }
  };
  return { debug: () => {}, info: at('info'), warn: at('warn'), error: at('error') };
}

/**
 * Without what may be an id, a key or what was sealed, all of which are base64url: words of twenty
 * characters and more that are no plain words, and a node's sixteen.
 */
export function withoutIds(text: string): string {
  return text.replaceAll(/[\w-]{16,}/g, (word) => (mayBeId(word) ? '…' : word));
}

function mayBeId(word: string): boolean {
  const isPlain = /^[a-z_-]+$/.test(word) || /^[A-Z_]+$/.test(word);
  if (isPlain) return false;
  return word.length >= 20 || word.length === 16;
}

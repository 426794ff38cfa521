import type { AuditEntry } from '../../../src/protocol/audit.ts';
import { log as t } from '../../strings/log.ts';

/** A newer host notes what this window has no words for: then its own name stands there. */
export function kindWords(kind: AuditEntry['kind']): string {
  const words: Readonly<Record<string, string>> = t.kinds;
  return words[kind] ?? kind;
}

/** Who did it: `Ada, Pixel 9`, `cli`. */
export function whoWords({ surface, device, person }: AuditEntry['who']): string {
  const where = device?.name ?? surface;
  return person === undefined ? where : `${person}, ${where}`;
}

/** What an entry says, as `name: value`; a rule or a text stands for itself. */
export function whatWords(what: AuditEntry['what']): string {
  return Object.entries(what)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}: ${valueWords(value)}`)
    .join(' · ');
}

function valueWords(value: unknown): string {
  if (typeof value === 'string') return value;
  if (
    typeof value === 'object' &&
    value !== null &&
    'text' in value &&
    typeof value.text === 'string'
  )
    return value.text;
  return JSON.stringify(value);
}

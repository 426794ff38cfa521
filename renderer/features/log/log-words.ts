import type { AuditEntry } from '../../../src/protocol/audit.ts';
import { approvals } from '../../strings/approvals.ts';
import { log as t } from '../../strings/log.ts';

/** What only machines read; it stands in the whole entry. */
const FOR_MACHINES: ReadonlySet<string> = new Set([
  'approval',
  'by',
  'call',
  'command',
  'commandId',
  'epoch',
  'hash',
  'instance',
  'key',
  'native',
  'nativeMode',
  'optionId',
  'publicKey',
  'sha256',
  'version',
]);
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/;
const kinds: Readonly<Record<string, string>> = approvals.kinds;

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

/**
 * What an entry says to people: `allowed · Run a command · session: Slugs · rule: …`. `titleOf` names a
 * session, `timeOf` words a time.
 */
export function whatWords(
  what: AuditEntry['what'],
  titleOf: (session: string) => string | undefined,
  timeOf: (at: string) => string,
): string {
  const parts = Object.entries(what).flatMap(([name, value]): string[] => {
    if (value === null || value === undefined || FOR_MACHINES.has(name)) return [];
    if (name === 'allowed') return [value === true ? t.allowed : t.denied];
    if (name === 'begun') return [value === true ? t.begun : t.ended];
    if (name === 'kind' && typeof value === 'string') return [kinds[value] ?? value];
    if (name === 'session' && typeof value === 'string')
      return [`${name}: ${titleOf(value) ?? value}`];
    if (typeof value === 'string' && TIME.test(value)) return [`${name}: ${timeOf(value)}`];
    return [`${name}: ${valueWords(value)}`];
  });
  return parts.join(' · ');
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

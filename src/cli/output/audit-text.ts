import type { AuditEntry, AuditWho } from '../../protocol/audit.ts';
import { oneLine } from './text.ts';
import { table } from './table.ts';

/** Long, and for programs: people are told what they belong to. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set([
  ...['publicKey', 'epoch', 'sha256', 'call', 'command', 'previous', 'optionId'],
]);
const MAX_CELL_CHARS = 60;

const HAPPENED: Readonly<Record<string, string>> = {
  begun: 'the log begins',
  keyChanged: 'another key',
  restored: 'restored from a copy',
  paired: 'paired',
  revoked: 'revoked',
  roleChanged: 'role changed',
  personChanged: 'person changed',
  passkeyChanged: 'passkey changed',
  sessionStarted: 'session started',
  prompted: 'prompted',
  decided: 'decided',
  closed: 'closed undecided',
  modeChanged: 'mode changed',
  rulesChanged: 'rules changed',
  nightChanged: 'night changed',
  powerChanged: 'power changed',
  notifyChanged: 'notifications changed',
};

export function auditTable(entries: readonly AuditEntry[], columns?: number): string {
  return table(
    ['N', 'WHEN', 'WHO', 'WHAT', 'ABOUT'],
    entries.map((entry) => [
      String(entry.n),
      entry.at.slice(0, 19).replace('T', ' '),
      whoText(entry.who),
      HAPPENED[entry.kind] ?? entry.kind,
      aboutText(entry.what),
    ]),
    columns,
  );
}

/** `ada on Pixel 9`, `ada in cli`, `host`. */
function whoText({ surface, device, person }: AuditWho): string {
  if (device !== undefined) return `${person ?? 'somebody'} on ${device.name}`;
  return person === undefined ? surface : `${person} in ${surface}`;
}

function aboutText(what: Readonly<Record<string, unknown>>): string {
  return Object.entries(what)
    .filter(([name]) => !FOR_PROGRAMS.has(name))
    .map(([name, value]) => `${name} ${cell(value)}`)
    .join(', ');
}

function cell(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  const line = oneLine(text);
  return line.length <= MAX_CELL_CHARS ? line : `${line.slice(0, MAX_CELL_CHARS)}…`;
}

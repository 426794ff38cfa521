import type { AuditKind } from '../../src/protocol/audit.ts';
import { count } from './count.ts';

export const log = {
  title: 'Log',
  open: 'Log',
  body: 'What was decided, by whom, newest first. Entries are chained and signed: one that is changed, cut or moved is found.',
  loading: 'Reading the log…',
  failed: 'The log could not be read:',
  none: 'Nothing is in the log yet.',
  older: 'Show older ones',
  check: 'Check the log',
  checking: 'Looking through all of it…',
  ok: (n: number) => `All ${count(n, 'entry holds', 'entries hold')}.`,
  head: (n: number, hash: string) => `Newest: ${n}, ${hash}`,
  broken: (n: number | null, why: string) =>
    `${n === null ? 'The end of the log is missing' : `Entry ${n} does not hold`}: ${why}`,
  kinds: {
    begun: 'The log begins',
    keyChanged: 'Signed with another key from here on',
    restored: 'The home was restored from a copy',
    paired: 'Device paired',
    revoked: 'Device revoked',
    roleChanged: 'Role changed',
    personChanged: 'Person of a device changed',
    passkeyChanged: 'Passkey changed',
    sessionStarted: 'Session started',
    prompted: 'Prompt',
    decided: 'Decided',
    closed: 'Closed undecided',
    modeChanged: 'Mode changed',
    rulesChanged: 'Rules changed',
    nightChanged: 'Night',
    powerChanged: 'Power',
  } satisfies Record<AuditKind, string>,
  entry: (n: number) => `No. ${n}`,
} as const;

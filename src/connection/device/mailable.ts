import type { OutboxEntry } from './ports.ts';

/**
 * Commands that mean the same some hours later, given by somebody who does not see what has happened
 * meanwhile. A decision is one of them: it is signed for one call, and counts only while that waits.
 * What ends whatever turn runs then, loosens something, begins or ends a time, or lands work is for a
 * person who looks.
 */
const MAILABLE: ReadonlySet<string> = new Set([
  'approval.answer',
  'approval.decide',
  'session.archive',
  'session.continue',
  'session.rename',
  'session.resume',
  'session.send',
  'session.start',
  'session.stop',
  'session.unqueue',
] satisfies OutboxEntry['method'][]);

export function isMailable({ method }: Pick<OutboxEntry, 'method'>): boolean {
  return MAILABLE.has(method);
}

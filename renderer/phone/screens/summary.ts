import type { HostState } from '../../state/host-state.ts';
import { groupOf } from '../../features/sessions/grouping.ts';
import { en } from '../../strings/en.ts';
import { summary as t } from '../../strings/phone-summary.ts';
import { HOME, type Route } from '../shell/route.ts';

export interface SummaryRow {
  readonly key: string;
  readonly title: string;
  readonly words: string;
  /** Since when it is so. */
  readonly since: string;
  /** Where it is dealt with. */
  readonly to: Route;
}

export interface Summary {
  /** What has waited longest first. */
  readonly needs: readonly SummaryRow[];
  readonly works: readonly SummaryRow[];
  /** Sessions that neither need nor do anything. */
  readonly quiet: number;
}

/** What needs the person and what works, each with how long that is so. */
export function atAGlance(
  host: Pick<HostState, 'sessions' | 'approvals' | 'pulses' | 'problems' | 'attention'>,
): Summary {
  const shown = host.sessions.filter(({ archived }) => !archived);
  const sinceOf = (kind: string, sessionId: string): string | undefined =>
    host.attention?.items.find((item) => item.kind === kind && item.sessionId === sessionId)?.since;
  const rows: SummaryRow[] = host.problems.map(({ id, message }) => ({
    key: id,
    title: t.problem,
    words: message,
    since: host.attention?.items.find((item) => item.id.includes(id))?.since ?? '',
    to: HOME,
  }));
  const works: SummaryRow[] = [];
  let quiet = 0;
  for (const session of shown) {
    const { id, title, updatedAt, approvals, state, interrupted } = session;
    const row = { key: id, title: title || en.sessions.untitled } as const;
    const to: Route = { name: 'session', sessionId: id };
    const pulse = host.pulses.find(({ sessionId }) => sessionId === id);
    const open = host.approvals.filter(({ sessionId }) => sessionId === id);
    if (approvals > 0 || open.length > 0) {
      const since = open.map(({ createdAt }) => createdAt).toSorted()[0] ?? updatedAt;
      rows.push({ ...row, words: t.decision(Math.max(approvals, open.length)), since, to });
    } else if (state === 'failed') {
      rows.push({ ...row, words: t.failed, since: sinceOf('failed', id) ?? updatedAt, to });
    } else if (interrupted) {
      rows.push({ ...row, words: t.interrupted, since: sinceOf('parked', id) ?? updatedAt, to });
    } else if (pulse?.pulse === 'hangs') {
      rows.push({ ...row, words: t.hangs, since: pulse.since, to });
    } else if (groupOf(session) === 'working') {
      const words = en.sessions.states[state];
      works.push({ ...row, words, since: pulse?.since ?? updatedAt, to });
    } else quiet += 1;
  }
  return { needs: rows.toSorted(bySince), works: works.toSorted(bySince), quiet };
}

/** What has no time stands first: it is about the computer itself. */
function bySince(a: SummaryRow, b: SummaryRow): number {
  return a.since < b.since ? -1 : a.since > b.since ? 1 : 0;
}

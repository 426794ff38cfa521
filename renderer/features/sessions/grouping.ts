import { assertNever } from '../../../src/base/assert-never.ts';
import type { SessionSummary } from '../../../src/protocol/session/state.ts';

export type GroupName = 'needsYou' | 'working' | 'quiet' | 'ended' | 'archived';
export interface SessionGroup {
  readonly name: GroupName;
  readonly sessions: readonly SessionSummary[];
}

export function groupOf(session: SessionSummary): GroupName {
  if (session.archived) return 'archived';
  // Cut short, it stands still until the person says how it goes on.
  if (session.approvals > 0 || session.interrupted) return 'needsYou';
  switch (session.state) {
    case 'waiting':
    case 'failed':
      return 'needsYou';
    case 'starting':
    case 'working':
      return 'working';
    // Parked, it goes on by itself: nothing works now, and nobody is needed.
    case 'idle':
    case 'parked':
      return 'quiet';
    case 'ended':
      return 'ended';
    default:
      return assertNever(session.state, 'session state');
  }
}

/**
 * The list as it is shown: by need, and inside a group by age, so that rows do not jump while agents
 * talk: what has waited longest first, else what was made last.
 */
export function groupSessions(sessions: readonly SessionSummary[]): SessionGroup[] {
  const groups: Record<GroupName, SessionSummary[]> = {
    needsYou: [],
    working: [],
    quiet: [],
    ended: [],
    archived: [],
  };
  for (const session of sessions) groups[groupOf(session)].push(session);
  groups.needsYou.sort((a, b) => order(a.updatedAt, b.updatedAt) || order(a.id, b.id));
  for (const name of ['working', 'quiet', 'ended', 'archived'] as const)
    groups[name].sort(
      (a, b) => parkedFirst(a, b) || order(b.createdAt, a.createdAt) || order(a.id, b.id),
    );
  return (['needsYou', 'working', 'quiet', 'ended', 'archived'] as const)
    .map((name) => ({ name, sessions: groups[name] }))
    .filter((group) => group.sessions.length > 0);
}

/** One line of the lamp: what most needs saying. */
export type Lamp = 'idle' | 'working' | 'needsYou' | 'problem';

export function lampOf(sessions: readonly SessionSummary[], hasProblem: boolean): Lamp {
  const groups = new Set(sessions.map(groupOf));
  if (hasProblem) return 'problem';
  if (groups.has('needsYou')) return 'needsYou';
  return groups.has('working') ? 'working' : 'idle';
}

/** What goes on next stands first. */
function parkedFirst(a: SessionSummary, b: SessionSummary): number {
  if (a.parked === null || b.parked === null)
    return Number(a.parked === null) - Number(b.parked === null);
  return order(a.parked.until, b.parked.until);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

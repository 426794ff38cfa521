import type { ApprovalId, SessionId } from '../../protocol/ids.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import { nextTurn } from '../sessions/next-turn.ts';

/** How long an approval may keep the machine awake, besides what the policy says. */
export interface Asked {
  readonly id: ApprovalId;
  readonly createdAt: string;
  /** When it ends by itself; null: it stays open. */
  readonly endsAt: string | null;
}

/** What a session needs the machine for. */
export interface Need {
  readonly sessionId: SessionId;
  readonly title: string;
  readonly kind: 'working' | 'waiting' | 'queued';
  readonly since: string;
  /** Of one that waits for decisions. */
  readonly asked: readonly Asked[];
}

/**
 * Read from the fold alone, so that a new host finds the same. null: it needs nothing, is put away,
 * or its queue waits for a person's word.
 */
export function needOf(state: SessionState): Need | null {
  const { id: sessionId, title, turn, approvals, archived } = state;
  if (archived || state.state === 'ended') return null;
  const need = (kind: Need['kind'], since: string): Need => ({
    ...{ sessionId, title, kind, since, asked: [] },
  });
  const isRunning = turn !== null && turn.endedAt === null;
  // What was allowed beside an open question goes on without an answer to it.
  if (state.state === 'waiting' && state.allowed.length === 0) {
    const asked = approvals.map(({ id, createdAt, expiresAt, onExpiry }) => ({
      ...{ id, createdAt },
      endsAt: onExpiry === 'stay' ? null : expiresAt,
    }));
    const since = asked.map(({ createdAt }) => createdAt).reduce((a, b) => (a < b ? a : b));
    return { ...need('waiting', since), asked };
  }
  if (isRunning) return need('working', turn.startedAt);
  // The host lets it go on by itself, at a time that lies ahead.
  if (state.parked !== null) return need('queued', turn?.endedAt ?? state.updatedAt);
  // Its agent is on the way, with or without a prompt.
  if (state.state === 'starting' && state.instance !== null)
    return need('working', state.updatedAt);
  if (nextTurn(state) !== null) return need('queued', state.updatedAt);
  return state.state === 'starting' ? need('working', state.updatedAt) : null;
}

/** All sessions' needs, brought up to date one session at a time. */
export class Needs {
  readonly #bySession = new Map<SessionId, Need>();

  /** True when something is another than before. Says the same at every event that changes nothing. */
  take(state: SessionState): boolean {
    const before = this.#bySession.get(state.id) ?? null;
    const found = needOf(state);
    // Of what has no time of its own, the first sight of it is the time.
    const isStill = found !== null && before?.kind === found.kind && hasNoTime(state);
    const now = isStill ? { ...found, since: before.since } : found;
    if (isSame(before, now)) return false;
    if (now === null) this.#bySession.delete(state.id);
    else this.#bySession.set(state.id, now);
    return true;
  }

  forget(id: SessionId): boolean {
    return this.#bySession.delete(id);
  }

  all(): Iterable<Need> {
    return this.#bySession.values();
  }
}

function hasNoTime({ turn, approvals }: SessionState): boolean {
  return approvals.length === 0 && (turn === null || turn.endedAt !== null);
}

function isSame(a: Need | null, b: Need | null): boolean {
  if (a === null || b === null) return a === b;
  return (
    a.kind === b.kind &&
    a.title === b.title &&
    a.since === b.since &&
    a.asked.length === b.asked.length &&
    a.asked.every(({ id }, i) => id === b.asked[i]?.id)
  );
}

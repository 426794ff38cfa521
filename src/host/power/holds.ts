import type { Hold, PowerPolicy } from '../../protocol/power.ts';
import type { Ages, Reading } from './ages.ts';
import type { Need } from './needs.ts';
import type { UserHold } from './user-holds.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** A hold that is there, with its times by the steady clock. */
export interface LiveHold {
  readonly hold: Omit<Hold, 'ageSec'>;
  readonly sinceMs: number;
  /** Infinity: with its reason. */
  readonly endsMs: number;
  /** From here on it does not count. */
  readonly countsUntilMs: number;
}

export interface HoldSources {
  readonly needs: Iterable<Need>;
  readonly users: readonly UserHold[];
  readonly policy: Pick<PowerPolicy, 'waitingMinutes' | 'longestHours'>;
  readonly ages: Ages;
  readonly reading: Reading;
}

/** All reasons to stay awake that are not over, oldest first. */
export function liveHolds({ needs, users, policy, ages, reading }: HoldSources): LiveHold[] {
  const seen = new Set<string>();
  const since = (key: string, at: string): number => {
    seen.add(key);
    return ages.sinceMs(key, at, reading);
  };
  const longestMs = policy.longestHours === 0 ? Infinity : policy.longestHours * HOUR_MS;
  const holds = [
    ...[...needs].map((need) => ofSession(need, policy, longestMs, since)),
    ...users.map((user) => ofUser(user, longestMs, since)),
  ].filter(({ endsMs }) => endsMs > reading.steadyMs);
  ages.keep(seen);
  return holds.sort((a, b) => a.sinceMs - b.sinceMs || (a.hold.id < b.hold.id ? -1 : 1));
}

function ofSession(
  { sessionId, title, kind, since, asked }: Need,
  { waitingMinutes }: Pick<PowerPolicy, 'waitingMinutes'>,
  longestMs: number,
  sinceMs: (key: string, at: string) => number,
): LiveHold {
  const from = sinceMs(`${sessionId} ${since}`, since);
  const patienceMs = waitingMinutes === 0 ? Infinity : waitingMinutes * MINUTE_MS;
  const waits = asked.map(({ id, createdAt, endsAt }) => {
    const ownMs = endsAt === null ? Infinity : Date.parse(endsAt) - Date.parse(createdAt);
    const ms = Math.min(patienceMs, ownMs);
    return { endsMs: sinceMs(id, createdAt) + ms, at: Date.parse(createdAt) + ms };
  });
  // The last of them that somebody may still decide.
  const last = waits.reduce((a, b) => (a.endsMs >= b.endsMs ? a : b), NO_END);
  return {
    hold: {
      ...{ id: sessionId, kind, reason: title, sessionId, since, lid: false },
      until: kind === 'waiting' && last.at < Infinity ? new Date(last.at).toISOString() : null,
    },
    sinceMs: from,
    endsMs: kind === 'waiting' ? last.endsMs : Infinity,
    countsUntilMs: from + longestMs,
  };
}

const NO_END = { endsMs: -Infinity, at: Infinity };

/** One that a person gave an end is theirs to choose, however long. */
function ofUser(
  { id, reason, by, since, until, lid }: UserHold,
  longestMs: number,
  sinceMs: (key: string, at: string) => number,
): LiveHold {
  const from = sinceMs(id, since);
  const endsMs = until === null ? Infinity : from + Date.parse(until) - Date.parse(since);
  return {
    hold: { id, kind: 'user', reason, by, since, until, lid },
    sinceMs: from,
    endsMs,
    countsUntilMs: until === null ? from + longestMs : Infinity,
  };
}

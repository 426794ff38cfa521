import type { Approval } from '../../protocol/approval/approval.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { NightReport } from '../../protocol/night.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { EventLog } from '../event-log/event-log.ts';
import {
  sessionNight,
  spent,
  take,
  UNBORN,
  type Baseline,
  type RuleDecided,
  type SessionNight,
} from './night-fold.ts';

/** Read at once; between two of them everything else has its turn. */
const SLICE = { limit: 200, maxBytes: 512 * 1024 } as const;
const MAX_REFUSED = 200;
/** Rules that decided; more of them no page shows. */
const MAX_RULES = 500;
/** Open calls may be megabytes each, and a surface is sent one message. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const MAX_TITLE_CHARS = 500;

export interface NightBookNeeds {
  readonly log: Pick<EventLog, 'states' | 'state' | 'events'>;
  readonly sinceMs: number;
  /** How each session stood when the night began; one that is not named was not there yet. */
  readonly baselines: Readonly<Record<string, Baseline>>;
  /** Lets everything else have its turn. */
  breathe(this: void): Promise<void>;
}

/**
 * What happened in one night, gathered from the events since it began: a slice at a time, so that a
 * night of 200,000 events holds up nobody, and from where it stopped last, so that each is read once.
 */
export class NightBook {
  readonly #needs: NightBookNeeds;
  readonly #sessions = new Map<SessionId, SessionNight>();
  readonly #rules = new Map<
    string,
    { rule: RuleDecided['rule']; allowed: boolean; times: number }
  >();
  #refused: NightReport['refused'] = [];
  #underWay: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(needs: NightBookNeeds) {
    this.#needs = needs;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Takes in what has come since; with `endMs` nothing after it. One after the other. */
  async catchUp(endMs = Infinity): Promise<void> {
    const next = this.#underWay.then(async () => await this.#catchUp(endMs));
    this.#underWay = next.catch(() => {});
    await next;
  }

  /** As far as it has been read. `endMs`: when it ended, or now. */
  report(endMs: number): Pick<NightReport, 'sessions' | 'rules' | 'refused'> {
    return {
      sessions: [...this.#sessions].flatMap(([sessionId, night]) => {
        const state = this.#needs.log.state(sessionId);
        if (state === null || !night.isTouched) return [];
        const { completed, cutShort, allowed, refused } = night;
        const { title, state: name } = state;
        const counts = { completed, cutShort, allowed, refused, ...spent(night, endMs) };
        return [{ sessionId, title, state: name, ...counts }];
      }),
      rules: [...this.#rules.values()].sort((a, b) => b.times - a.times).slice(0, MAX_RULES),
      refused: this.#refused,
    };
  }

  async #catchUp(endMs: number): Promise<void> {
    for (const { id, lastSeq } of [...this.#needs.log.states().values()]) {
      const night = this.#sessions.get(id) ?? this.#begin(id);
      while (!this.#isClosed && night.seq < lastSeq) {
        const read = this.#read(id, night, endMs);
        if (read === 0) break;
        await this.#needs.breathe();
      }
    }
    this.#trim();
  }

  #begin(id: SessionId): SessionNight {
    const { baselines, sinceMs } = this.#needs;
    const night = sessionNight(
      Object.hasOwn(baselines, id) ? (baselines[id] ?? UNBORN) : UNBORN,
      sinceMs,
    );
    this.#sessions.set(id, night);
    return night;
  }

  /** Gives how many events it took in. */
  #read(id: SessionId, night: SessionNight, endMs: number): number {
    let taken = 0;
    for (const event of this.#needs.log.events(id, { after: night.seq, ...SLICE })) {
      if (Date.parse(event.at) > endMs) return 0;
      taken += 1;
      const decided = take(night, event);
      if (decided !== null) this.#note(id, decided);
    }
    if (this.#refused.length > 4 * MAX_REFUSED) this.#trim();
    return taken;
  }

  #note(sessionId: SessionId, { rule, allowed, title, at }: RuleDecided): void {
    const key = `${allowed} ${rule.source} ${rule.id}`;
    const known = this.#rules.get(key);
    if (known !== undefined) known.times += 1;
    else if (this.#rules.size < 2 * MAX_RULES) this.#rules.set(key, { rule, allowed, times: 1 });
    if (allowed) return;
    const name = title ?? this.#needs.log.state(sessionId)?.title ?? '';
    this.#refused.push({ sessionId, title: name.slice(0, MAX_TITLE_CHARS), rule, at });
  }

  #trim(): void {
    this.#refused = this.#refused
      .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
      .slice(0, MAX_REFUSED);
  }
}

/** What still waits of all that was asked until `endMs`: oldest first, as much as fits. */
export function stillWaiting(states: Iterable<SessionState>, endMs: number): Approval[] {
  const all = [...states]
    .flatMap(({ approvals }) => approvals)
    .filter(({ createdAt }) => Date.parse(createdAt) <= endMs)
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  let bytes = 0;
  return all.filter((approval) => (bytes += JSON.stringify(approval).length) <= MAX_WAITING_BYTES);
}

/** How every session stands now. */
export function baselinesOf(states: Iterable<SessionState>): Record<string, Baseline> {
  return Object.fromEntries(
    [...states].map(({ id, lastSeq, turn, approvals }) => [
      id,
      {
        seq: lastSeq,
        isWorking: turn !== null && turn.endedAt === null,
        open: approvals.map((approval) => approval.id),
      },
    ]),
  );
}

import type { Logger } from '../../base/log.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Approval, ExpiryAct } from '../../protocol/approval/approval.ts';
import type { Problem } from '../../protocol/session/events.ts';
import { BY_HOST } from '../../protocol/session/reduce.ts';
import type { AgentDriver } from '../agents/driver.ts';
import type { EventLog, LogWriter } from '../event-log/event-log.ts';
import { OPENED_APPROVALS, type Store } from '../event-log/store.ts';
import type { DecisionLog } from './decision-log.ts';
import { shortTitle } from './short-title.ts';

/** How long an approval may wait, and what happens then. */
export interface ApprovalSettings {
  /** null: for ever. */
  readonly patienceMs: number | null;
  readonly onExpiry: ExpiryAct;
}

export interface ExpiryNeeds {
  readonly log: EventLog;
  readonly store: Pick<Store, 'meta'>;
  readonly driver: Pick<AgentDriver, 'dismiss' | 'putAside'>;
  readonly decisions: DecisionLog;
  readonly timers: Timers;
  readonly logger: Logger;
  /** Nobody is expected to look: what has no time left waits on. */
  isNight(): boolean;
  now(): Date;
}

/** A timer stands still while the machine sleeps, and a clock may be set: so none is set for long. */
const LOOK_AGAIN_MS = 60_000;
/** After a failure, such as a full disk. */
const TRY_AGAIN_MS = 2_000;
/** Where it is kept until when patience was suspended last, RFC 3339; `NIGHT` while it is. */
const SUSPENDED_UNTIL = 'approvals suspended until';
const NIGHT = 'night';

/**
 * Ends the wait of approvals whose time is over, as `onExpiry` of each says. By the wall clock,
 * which is what `expiresAt` tells people; looked at again after a sleep and at each start.
 */
export class Expiry {
  readonly #needs: ExpiryNeeds;
  #disarm: (() => void) | null = null;
  #isClosed = false;

  constructor(needs: ExpiryNeeds) {
    this.#needs = needs;
  }

  close(): void {
    this.#isClosed = true;
    this.#disarm?.();
  }

  /** Ends what is due, and looks again when the next one is. */
  look(): void {
    this.#disarm?.();
    this.#disarm = null;
    if (this.#isClosed) return;
    let nextMs = Infinity;
    try {
      nextMs = this.#endDue();
    } catch (error) {
      this.#needs.logger.warn({ err: error }, 'approvals whose time is over cannot be ended yet');
      nextMs = TRY_AGAIN_MS;
    }
    if (nextMs === Infinity) return;
    const inMs = Math.max(0, Math.min(nextMs, LOOK_AGAIN_MS));
    this.#disarm = this.#needs.timers.after(inMs, () => this.look());
  }

  /** Milliseconds until the next one is due. */
  #endDue(): number {
    const { log, now, isNight } = this.#needs;
    const waiting = [...log.states().values()].flatMap(({ approvals }) =>
      approvals.filter(({ expiresAt, onExpiry }) => expiresAt !== null && onExpiry !== 'stay'),
    );
    if (isNight()) {
      if (waiting.length > 0) this.#suspend(NIGHT);
      return LOOK_AGAIN_MS;
    }
    const suspendedUntilMs = this.#suspendedUntilMs();
    const nowMs = now().getTime();
    let nextMs = Infinity;
    for (const approval of waiting) {
      const inMs = dueMs(approval, suspendedUntilMs) - nowMs;
      if (inMs > 0) nextMs = Math.min(nextMs, inMs);
      else this.#end(approval);
    }
    return nextMs;
  }

  /** Who comes back in the morning has the whole time. On disk, since a host may start anew then. */
  #suspendedUntilMs(): number {
    const { store, now } = this.#needs;
    if (store.meta(SUSPENDED_UNTIL) === NIGHT) this.#suspend(now().toISOString());
    return Date.parse(store.meta(SUSPENDED_UNTIL) ?? '') || 0;
  }

  #suspend(until: string): void {
    const { store, log } = this.#needs;
    if (store.meta(SUSPENDED_UNTIL) !== until)
      log.commit((tx) => tx.putMeta(SUSPENDED_UNTIL, until));
  }

  /** A decision made in the same moment has won, or learns that it came too late. */
  #end({ id, sessionId }: Approval): void {
    const { log } = this.#needs;
    log.commit((tx) => {
      const approval = tx.state(sessionId)?.approvals.find((each) => each.id === id);
      if (approval !== undefined) this.#expire(tx, approval);
    });
  }

  #expire(tx: LogWriter, approval: Approval): void {
    const { driver, decisions, now } = this.#needs;
    const { id, sessionId, onExpiry, options } = approval;
    const refusal = options.find(({ kind }) => kind === 'reject_once')?.optionId ?? null;
    driver.dismiss(tx, sessionId, id, onExpiry === 'deny' ? refusal : null);
    const result = { sessionId, closed: 'expired' };
    tx.putCommand(OPENED_APPROVALS, id, result, now().getTime());
    tx.append(sessionId, { type: 'approval.closed', approvalId: id, reason: 'expired' });
    decisions.closed(tx, approval, BY_HOST, 'expired');
    if (onExpiry === 'park') driver.putAside(tx, sessionId, putAsideFor(approval));
  }
}

function dueMs({ createdAt, expiresAt }: Approval, suspendedUntilMs: number): number {
  const dueAtMs = Date.parse(expiresAt ?? '');
  const patienceMs = dueAtMs - Date.parse(createdAt);
  return Math.max(dueAtMs, suspendedUntilMs === 0 ? 0 : suspendedUntilMs + patienceMs);
}

function putAsideFor({ title, kind }: Approval): Problem {
  const what = kind === 'question' ? 'answered the question' : 'decided on';
  return {
    kind: 'other',
    message: `Nobody ${what} "${shortTitle(title)}" in time, so the turn was put aside.`,
    fix: 'Continue the session: its agent is told to go on, and asks again.',
  };
}

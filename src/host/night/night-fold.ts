import type { RuleRef } from '../../protocol/rules/rule-ref.ts';
import type { SessionEvent, TurnOutcome } from '../../protocol/session/events.ts';

/** How a session stood when the night began. */
export interface Baseline {
  /** Events up to this one are of before. */
  readonly seq: number;
  readonly isWorking: boolean;
  /** Approvals that were open. */
  readonly open: readonly string[];
}

export const UNBORN: Baseline = { seq: 0, isWorking: false, open: [] };

/** What a session did in a night so far; changed in place, since a night has many events. */
export interface SessionNight {
  seq: number;
  completed: number;
  cutShort: number;
  allowed: number;
  refused: number;
  workedMs: number;
  waitedMs: number;
  isWorking: boolean;
  /** Titles of open approvals, by id. */
  readonly open: Map<string, string>;
  /** Since when it stands as it does. */
  sinceMs: number;
  /** Anything that belongs on the page has happened. */
  isTouched: boolean;
}

export interface RuleDecided {
  readonly rule: RuleRef;
  readonly allowed: boolean;
  /** Of the call; null where the event does not say. */
  readonly title: string | null;
  readonly at: string;
}

/** A turn that a person cancelled is neither done nor cut short. */
const CUT_SHORT: ReadonlySet<TurnOutcome> = new Set([
  'interrupted',
  'failed',
  'refused',
  'limited',
]);

export function sessionNight({ seq, isWorking, open }: Baseline, sinceMs: number): SessionNight {
  return {
    seq,
    completed: 0,
    cutShort: 0,
    allowed: 0,
    refused: 0,
    workedMs: 0,
    waitedMs: 0,
    isWorking,
    open: new Map(open.map((id) => [id, ''])),
    sinceMs,
    isTouched: isWorking || open.length > 0,
  };
}

/** Takes in the next event of the session; gives the decision of a rule, where it is one. */
export function take(night: SessionNight, event: SessionEvent): RuleDecided | null {
  night.seq = event.seq;
  switch (event.type) {
    case 'turn.started':
      pass(night, event.at);
      night.isWorking = true;
      break;
    case 'turn.ended':
      pass(night, event.at);
      night.isWorking = false;
      if (event.outcome === 'completed') night.completed += 1;
      if (CUT_SHORT.has(event.outcome)) night.cutShort += 1;
      break;
    case 'approval.opened':
      pass(night, event.at);
      night.open.set(event.approval.id, event.approval.title);
      break;
    case 'approval.closed':
      pass(night, event.at);
      night.open.delete(event.approvalId);
      break;
    case 'approval.decided': {
      pass(night, event.at);
      const title = night.open.get(event.approvalId) ?? null;
      night.open.delete(event.approvalId);
      if (event.rule === undefined) break;
      if (event.allowed) night.allowed += 1;
      else night.refused += 1;
      night.isTouched = true;
      return { rule: event.rule, allowed: event.allowed, title, at: event.at };
    }
    default:
      return null;
  }
  night.isTouched = true;
  return null;
}

/** With what has passed since the last event. */
export function spent(night: SessionNight, nowMs: number): { workedMs: number; waitedMs: number } {
  const passedMs = Math.max(0, nowMs - night.sinceMs);
  const isWaiting = night.open.size > 0;
  return {
    workedMs: night.workedMs + (night.isWorking && !isWaiting ? passedMs : 0),
    waitedMs: night.waitedMs + (isWaiting ? passedMs : 0),
  };
}

function pass(night: SessionNight, at: string): void {
  const nowMs = Date.parse(at);
  const { workedMs, waitedMs } = spent(night, nowMs);
  night.workedMs = workedMs;
  night.waitedMs = waitedMs;
  night.sinceMs = Math.max(night.sinceMs, nowMs);
}

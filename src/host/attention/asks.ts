import type { Approval } from '../../protocol/approval/approval.ts';
import type { AttentionKind } from '../../protocol/attention.ts';
import { ROLES, type Role } from '../../protocol/devices.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { HostProblem } from '../../protocol/methods.ts';
import type { AgentPulse } from '../../protocol/reach.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import {
  asksToDecide,
  cutLine,
  failedWords,
  finishedWords,
  hangsWords,
  MAX_TITLE_CHARS,
  parkedWords,
} from './words.ts';

/** Something that asks for a person, as it follows from what is the case now. */
export interface Ask {
  /** The same over restarts; of the same thing that happens again, the same too. */
  readonly id: string;
  readonly kind: AttentionKind;
  readonly sessionId?: SessionId;
  readonly approval?: Approval;
  readonly title: string;
  readonly text: string;
  readonly sinceMs: number;
  /** The least that may act on it. */
  readonly role: Role;
  /** `decided`: it asks until then. `seen`: that is its end. `over`: once seen it only stands there. */
  readonly ends: 'decided' | 'seen' | 'over';
}

/** A shorter pause is over before a person could do anything about it. */
export const PARKED_WORTH_MS = 60_000;
/** A silence that a person may want to look into; a model may think for minutes. */
export const SILENT_WORTH_MS = 10 * 60_000;

/** All that a session asks a person for; read from the fold alone, so that a new host finds the same. */
export function asksOf(state: SessionState): Ask[] {
  const { id: sessionId, archived } = state;
  if (archived || state.state === 'ended') return [];
  const title = cutLine(state.title, MAX_TITLE_CHARS) || sessionId;
  const approvals = state.approvals.map((approval): Ask => ({
    ...{ id: approval.id, sessionId, approval, title },
    kind: approval.kind === 'question' ? 'question' : 'decision',
    text: asksToDecide(approval),
    sinceMs: Date.parse(approval.createdAt),
    role: approval.decider?.role ?? 'approver',
    ends: 'decided',
  }));
  if (approvals.length > 0) return approvals;
  const rest = restOf(state);
  return rest === null ? [] : [{ ...rest, sessionId, title, role: 'approver', ends: 'seen' }];
}

/** Whether the two can differ in what they ask for: most events are text that streams in. */
export function mayAskOtherwise(a: SessionState, b: SessionState): boolean {
  return (
    a.approvals !== b.approvals ||
    a.turn !== b.turn ||
    a.state !== b.state ||
    a.queue !== b.queue ||
    a.parked !== b.parked ||
    a.problem !== b.problem ||
    a.title !== b.title ||
    a.held !== b.held ||
    a.archived !== b.archived
  );
}

type Rest = Pick<Ask, 'id' | 'kind' | 'text' | 'sinceMs'>;

/** Of a session in which nothing is to be decided. */
function restOf(state: SessionState): Rest | null {
  const { id, turn, problem, parked } = state;
  const key = `${id}:${turn?.turn ?? 0}`;
  // Its agent did not come up, or was lost between turns: no turn tells of that.
  if (state.state === 'failed')
    return {
      ...{ id: `${key}:broken`, kind: 'failed', text: failedWords('failed', problem) },
      sinceMs: Date.parse(state.updatedAt),
    };
  if (turn === null || turn.endedAt === null) return null;
  const sinceMs = Date.parse(turn.endedAt);
  if (parked !== null) {
    const isWorth = Date.parse(parked.until) - sinceMs >= PARKED_WORTH_MS;
    return isWorth
      ? { id: `${key}:parked`, kind: 'parked', text: parkedWords(parked), sinceMs }
      : null;
  }
  // It goes on by itself.
  if (state.queue.length > 0 && !state.held) return null;
  const ended = { id: `${key}:ended`, sinceMs };
  switch (turn.outcome) {
    case 'completed':
      return { ...ended, kind: 'finished', text: finishedWords(turn) };
    // A person did that.
    case 'cancelled':
    case null:
      return null;
    case 'interrupted':
      // Nobody decided in time, so it was put aside; see approvals/expiry.ts.
      return problem?.kind === 'other'
        ? { ...ended, kind: 'parked', text: cutLine(problem.message) }
        : { ...ended, kind: 'failed', text: failedWords('interrupted', problem) };
    default:
      return { ...ended, kind: 'failed', text: failedWords(turn.outcome, problem) };
  }
}

/** Of this host or its machine. */
export function askOfProblem({ id, message }: HostProblem, sinceMs: number): Ask {
  return {
    ...{ id: `problem:${id}`.slice(0, 120), kind: 'machine', title: 'This machine' },
    ...{ text: cutLine(message), sinceMs, role: 'approver', ends: 'over' },
  };
}

/** null: its agent is well, or may be. */
export function askOfPulse(
  pulse: AgentPulse,
  state: SessionState | null,
  sinceMs: number,
  nowMs: number,
): Ask | null {
  if (state === null || state.archived) return null;
  const isLong = nowMs - Date.parse(pulse.since) >= SILENT_WORTH_MS;
  if (pulse.pulse !== 'hangs' && !(pulse.pulse === 'silent' && isLong)) return null;
  return {
    ...{ id: `pulse:${state.id}`, kind: 'machine', sessionId: state.id },
    title: cutLine(state.title, MAX_TITLE_CHARS) || state.id,
    text: hangsWords(pulse),
    ...{ sinceMs, role: 'approver', ends: 'over' },
  };
}

export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** Whose seeing it counts for everybody, and who is waited for. */
export function mayAct(role: Role, ask: Ask): boolean {
  return isAtLeast(role, ask.role);
}

/** Who cannot decide is not asked to; what has happened, everybody may know. */
export function mayBeTold(role: Role, ask: Ask): boolean {
  return ask.ends !== 'decided' || mayAct(role, ask);
}

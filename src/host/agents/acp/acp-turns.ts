import type { RpcError } from '../../../protocol/envelope.ts';
import type { InstanceId, SessionId } from '../../../protocol/ids.ts';
import type { Problem, TurnOutcome } from '../../../protocol/session/events.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { AgentProfile } from '../profile.ts';
import { refusalOf } from './acp-approvals.ts';
import type { AcpBook } from './acp-book.ts';
import { hiddenError } from './acp-failing.ts';
import type { Attached } from './acp-memo.ts';
import { outcomeOf, problemOfError, sessionLost } from './acp-problems.ts';
import type { AcpReceipts } from './acp-receipts.ts';
import { promptResultSchema } from './acp-schema.ts';

/** The agent's answer to a request of ours. */
export interface Answer {
  readonly result?: unknown;
  readonly error?: RpcError | undefined;
}

export interface TurnsNeeds {
  readonly book: AcpBook;
  readonly receipts: AcpReceipts;
  profile(instance: InstanceId): AgentProfile | null;
  now(): Date;
  /** The session may take its next prompt, or has lost its agent. */
  settled(tx: LogWriter, sessionId: SessionId): void;
  turnEnded(tx: LogWriter, sessionId: SessionId): void;
  /** The adapter has nothing of this session any more: it needs to be opened anew. */
  lost(tx: LogWriter, instance: InstanceId, sessionId: SessionId): void;
  /** The prompt of the turn that has just ended was never heard. */
  unheard(tx: LogWriter, sessionId: SessionId, turn: number): void;
}

/** How turns end, and what ends with them. */
export class AcpTurns {
  readonly #needs: TurnsNeeds;

  constructor(needs: TurnsNeeds) {
    this.#needs = needs;
  }

  /** The agent's answer to session/prompt: the end of the turn. */
  answered(
    tx: LogWriter,
    instance: InstanceId,
    attached: Attached,
    turn: number,
    answer: Answer,
  ): void {
    const { sessionId } = attached;
    const running = tx.state(sessionId)?.turn;
    // The answer to an earlier prompt says nothing of this one, nor of whether it was cancelled.
    if (running?.turn !== turn || running.endedAt !== null) return;
    const isOver = { cancelledAtMs: null, putAsideFor: null, failing: null };
    this.#needs.book.setAttached(tx, instance, { ...attached, ...isOver });
    const error = answer.error ?? hiddenError(attached) ?? undefined;
    const parsed = promptResultSchema.safeParse(answer.result);
    const lost = error === undefined ? null : sessionLost(error);
    if (error !== undefined && lost !== null) {
      const told: Problem = { ...this.problemOf(instance, error), kind: 'exited' };
      const [outcome, problem] = cutShort(attached, told);
      this.endTurn(tx, instance, sessionId, turn, outcome, problem);
      if (lost === 'before' && outcome === 'interrupted') this.#needs.unheard(tx, sessionId, turn);
      this.#needs.lost(tx, instance, sessionId);
    } else if (attached.putAsideFor !== null) {
      this.endTurn(tx, instance, sessionId, turn, 'interrupted', attached.putAsideFor);
    } else if (attached.cancelledAtMs === null && (error !== undefined || !parsed.success)) {
      const problem = error ? this.problemOf(instance, error) : UNREADABLE;
      this.endTurn(tx, instance, sessionId, turn, 'failed', problem);
    } else {
      const told = parsed.success ? outcomeOf(parsed.data.stopReason) : 'cancelled';
      const wasCancelled = attached.cancelledAtMs !== null && told === 'completed';
      this.endTurn(tx, instance, sessionId, turn, wasCancelled ? 'cancelled' : told);
    }
    this.#needs.settled(tx, sessionId);
  }

  /** Closes what the turn left open, then the turn. Nothing when it has ended already. */
  endTurn(
    tx: LogWriter,
    instance: InstanceId,
    sessionId: SessionId,
    turn: number,
    outcome: TurnOutcome,
    problem?: Problem,
    lastWritten?: number | null,
  ): void {
    const state = tx.state(sessionId);
    if (state === null || state.turn?.turn !== turn || state.turn.endedAt !== null) return;
    this.closeApprovals(
      tx,
      instance,
      sessionId,
      outcome === 'interrupted' ? 'agentGone' : 'cancelled',
    );
    for (const toolCallId of state.openTools)
      tx.append(sessionId, { type: 'tool.updated', toolCallId, status: 'failed' });
    this.#needs.receipts.turnEnded(tx, instance, sessionId, lastWritten);
    tx.append(sessionId, { type: 'turn.ended', turn, outcome, ...(problem && { problem }) });
    this.#needs.turnEnded(tx, sessionId);
  }

  /**
   * Answers every open request of the session `cancelled` (ACP: a MUST before session/cancel). So
   * is one that was decided and whose answer has not left: sent after the turn, OpenCode would run it.
   */
  closeApprovals(
    tx: LogWriter,
    instance: InstanceId,
    sessionId: SessionId,
    reason: 'cancelled' | 'agentGone',
  ): void {
    for (const { rpcId, sessionId: owner, incoming } of this.#needs.book.incoming(instance)) {
      if (owner !== sessionId) continue;
      if (incoming.kind === 'delivery') {
        this.#needs.receipts.withdraw(tx, instance, sessionId, rpcId, incoming, reason);
        continue;
      }
      if (this.#needs.book.takeIncoming(tx, instance, rpcId) === null) continue;
      if (reason === 'cancelled')
        this.#needs.book.respond(tx, instance, rpcId, { result: refusalOf(incoming.kind) });
    }
    for (const { id } of tx.state(sessionId)?.approvals ?? [])
      tx.append(sessionId, { type: 'approval.closed', approvalId: id, reason });
  }

  /** The agent no longer waits for this one. An answer not yet sent keeps its number and goes as cancelled. */
  withdrawn(tx: LogWriter, instance: InstanceId, rpcId: string): void {
    const open = this.#needs.book.incoming(instance).find((each) => each.rpcId === rpcId);
    if (open === undefined || open.sessionId === null) return;
    const { incoming, sessionId } = open;
    if (incoming.kind === 'delivery')
      return void this.#needs.receipts.withdraw(
        tx,
        instance,
        sessionId,
        rpcId,
        incoming,
        'withdrawn',
      );
    this.#needs.book.takeIncoming(tx, instance, rpcId);
    this.#needs.book.respond(tx, instance, rpcId, { result: refusalOf(incoming.kind) });
    const { approvalId } = incoming;
    tx.append(sessionId, { type: 'approval.closed', approvalId, reason: 'withdrawn' });
  }

  /** The agent asks anew under this id. What it asked before has its answer, or gets none any more. */
  reused(tx: LogWriter, instance: InstanceId, rpcId: string): void {
    const earlier = this.#needs.book.takeIncoming(tx, instance, rpcId);
    if (earlier === null || earlier.sessionId === null) return;
    const { approvalId, kind } = earlier.incoming;
    tx.append(
      earlier.sessionId,
      kind === 'delivery'
        ? { type: 'approval.delivered', approvalId }
        : { type: 'approval.closed', approvalId, reason: 'withdrawn' },
    );
  }

  /** An error of the agent in words for people. */
  problemOf(instance: InstanceId, error: RpcError): Problem {
    const profile = this.#needs.profile(instance);
    if (profile === null) return { kind: 'other', message: error.message };
    return problemOfError(error, profile, this.#needs.now().getTime());
  }
}

/** How a turn ends whose agent is gone, and why. */
export function cutShort(
  { cancelledAtMs, putAsideFor }: Attached,
  problem: Problem,
): ['interrupted' | 'cancelled', Problem] {
  if (putAsideFor !== null) return ['interrupted', putAsideFor];
  return [cancelledAtMs === null ? 'interrupted' : 'cancelled', problem];
}

const UNREADABLE: Problem = {
  kind: 'garbage',
  message: 'The agent answered the prompt with something that cannot be read.',
};

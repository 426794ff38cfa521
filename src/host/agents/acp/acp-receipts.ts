import type { Receipt } from '../../../protocol/approval/approval.ts';
import type { ApprovalId, InstanceId, SessionId } from '../../../protocol/ids.ts';
import type { ToolPatch } from '../../../protocol/transcript/tool-call.ts';
import type { EventLog, LogWriter } from '../../event-log/event-log.ts';
import type { AgentAnswer } from '../driver.ts';
import { answerResult, permissionAnswer, refusalOf } from './acp-approvals.ts';
import type { AcpBook } from './acp-book.ts';
import type { Incoming } from './acp-memo.ts';

type Delivery = Extract<Incoming, { kind: 'delivery' }>;
type CloseReason = 'cancelled' | 'agentGone' | 'withdrawn';

/** Answers to an agent's requests, and how far they have come: decided, delivered, finished. */
export class AcpReceipts {
  readonly #book: AcpBook;
  readonly #log: EventLog;

  constructor(book: AcpBook, log: EventLog) {
    this.#book = book;
    this.#log = log;
  }

  /** See `AgentDriver.answer`. */
  answer(
    tx: LogWriter,
    sessionId: SessionId,
    approvalId: ApprovalId,
    answer: AgentAnswer,
  ): boolean {
    const open = this.#open(tx, sessionId, approvalId);
    if (open === null) return false;
    const { instance, rpcId, question } = open;
    const n = this.#book.respond(tx, instance, rpcId, { result: answerResult(answer) });
    const delivery: Delivery = { kind: 'delivery', approvalId, n, question };
    this.#book.putIncoming(tx, instance, sessionId, rpcId, delivery);
    return true;
  }

  /** See `AgentDriver.dismiss`. */
  dismiss(
    tx: LogWriter,
    sessionId: SessionId,
    approvalId: ApprovalId,
    optionId: string | null,
  ): boolean {
    const open = this.#open(tx, sessionId, approvalId);
    if (open === null) return false;
    const { instance, rpcId, question } = open;
    const result = question ? refusalOf('question') : permissionAnswer(optionId);
    this.#book.respond(tx, instance, rpcId, { result });
    return true;
  }

  /** The keeper has written every line up to `n`. */
  delivered(instance: InstanceId, n: number): void {
    const due = this.#deliveries(instance).filter(({ delivery }) => delivery.n <= n);
    if (due.length === 0) return;
    this.#log.commit((tx) => {
      for (const { rpcId, sessionId, delivery } of due) {
        if (this.#book.takeIncoming(tx, instance, rpcId) === null || sessionId === null) continue;
        tx.append(sessionId, { type: 'approval.delivered', approvalId: delivery.approvalId });
      }
    });
  }

  /** An answer that has not left keeps its number and goes as cancelled: sent late, it might run. */
  withdraw(
    tx: LogWriter,
    instance: InstanceId,
    sessionId: SessionId,
    rpcId: string,
    { n, question, approvalId }: Delivery,
    reason: CloseReason,
  ): boolean {
    const result = refusalOf(question ? 'question' : 'permission');
    if (!this.#book.replaceAnswer(tx, instance, rpcId, n, result)) return false;
    this.#book.takeIncoming(tx, instance, rpcId);
    tx.append(sessionId, { type: 'approval.closed', approvalId, reason });
    return true;
  }

  /** The agent tells of a tool call: where that is over, so is what was allowed. */
  told(tx: LogWriter, instance: InstanceId, sessionId: SessionId, patch: ToolPatch): void {
    if (patch.status !== 'completed' && patch.status !== 'failed') return;
    const receipt = patch.status === 'completed' ? 'finished' : 'failed';
    for (const { approvalId, toolCallId } of tx.state(sessionId)?.allowed ?? [])
      if (toolCallId === patch.toolCallId)
        this.#finish(tx, instance, sessionId, approvalId, receipt);
  }

  /**
   * What was allowed and is not over has failed with the turn. `lastWritten`: the last line that
   * the agent had, where it is gone; null where nobody knows any more.
   */
  turnEnded(
    tx: LogWriter,
    instance: InstanceId,
    sessionId: SessionId,
    lastWritten: number | null = Infinity,
  ): void {
    for (const { approvalId } of tx.state(sessionId)?.allowed ?? [])
      this.#finish(tx, instance, sessionId, approvalId, 'failed', lastWritten);
  }

  #finish(
    tx: LogWriter,
    instance: InstanceId,
    sessionId: SessionId,
    approvalId: ApprovalId,
    receipt: Extract<Receipt, 'finished' | 'failed'>,
    lastWritten: number | null = Infinity,
  ): void {
    const waiting = this.#deliveries(instance).find(
      ({ delivery }) => delivery.approvalId === approvalId,
    );
    if (waiting !== undefined) {
      const { rpcId, delivery } = waiting;
      // Over before it had our answer: the agent did not wait for it.
      if (this.withdraw(tx, instance, sessionId, rpcId, delivery, 'withdrawn')) return;
      this.#book.takeIncoming(tx, instance, rpcId);
      if (lastWritten !== null && delivery.n > lastWritten) {
        tx.append(sessionId, { type: 'approval.closed', approvalId, reason: 'agentGone' });
        return;
      }
      // What the agent did with it may be heard before the keeper says that it was written.
      if (lastWritten !== null) tx.append(sessionId, { type: 'approval.delivered', approvalId });
    }
    tx.append(sessionId, { type: 'approval.finished', approvalId, failed: receipt === 'failed' });
  }

  #open(
    tx: LogWriter,
    sessionId: SessionId,
    approvalId: ApprovalId,
  ): { instance: InstanceId; rpcId: string; question: boolean } | null {
    const instance = this.#book.place(sessionId, tx)?.instance;
    if (instance === undefined) return null;
    const open = this.#book
      .incoming(instance)
      .find((each) => each.incoming.approvalId === approvalId && each.incoming.kind !== 'delivery');
    if (open === undefined || this.#book.takeIncoming(tx, instance, open.rpcId) === null)
      return null;
    return { instance, rpcId: open.rpcId, question: open.incoming.kind === 'question' };
  }

  #deliveries(instance: InstanceId) {
    return this.#book
      .incoming(instance, 'delivery')
      .flatMap(({ rpcId, sessionId, incoming }) =>
        incoming.kind === 'delivery' ? [{ rpcId, sessionId, delivery: incoming }] : [],
      );
  }
}

import type { InstanceId } from '../../../protocol/ids.ts';
import type { EventLog } from '../../event-log/event-log.ts';
import type { AcpBook } from './acp-book.ts';

/** How far the answers to an agent's requests have come. */
export class AcpReceipts {
  readonly #book: AcpBook;
  readonly #log: EventLog;

  constructor(book: AcpBook, log: EventLog) {
    this.#book = book;
    this.#log = log;
  }

  /** The keeper has written every line up to `n`. */
  delivered(instance: InstanceId, n: number): void {
    const due = this.#book
      .incoming(instance)
      .filter((each) => each.incoming.kind === 'delivery' && each.incoming.n <= n);
    if (due.length === 0) return;
    this.#log.commit((tx) => {
      for (const { rpcId, sessionId, incoming } of due) {
        if (this.#book.takeIncoming(tx, instance, rpcId) === null || sessionId === null) continue;
        tx.append(sessionId, { type: 'approval.delivered', approvalId: incoming.approvalId });
      }
    });
  }
}

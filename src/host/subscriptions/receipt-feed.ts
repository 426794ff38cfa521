import type { Emitter } from '../../base/emitter.ts';
import type { Receipt } from '../../protocol/approval/approval.ts';
import type { ApprovalId } from '../../protocol/ids.ts';
import { MAX_UNACKED_BYTES } from '../../protocol/limits.ts';
import type { NotificationParams } from '../../protocol/methods.ts';
import type { SessionEvent } from '../../protocol/session/events.ts';
import type { Appended } from '../event-log/event-log.ts';

type Told = NotificationParams<'desk.receipt'>;

export interface ReceiptFeedNeeds {
  readonly log: { readonly appended: Pick<Emitter<Appended>, 'on'> };
  readonly surface: {
    readonly bufferedBytes: number;
    notify(name: 'desk.receipt', params: Told): void;
  };
}

/** Of a surface that does not read: the newest of each approval, and no more of them than this. */
const MAX_KEPT = 1_000;
/** A socket does not say when it has drained. */
const LOOK_AGAIN_MS = 50;

/** Tells one surface how far decisions have travelled, in order. */
export class ReceiptFeed {
  readonly #needs: ReceiptFeedNeeds;
  readonly #unfollow: () => void;
  readonly #kept = new Map<ApprovalId, Told>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(needs: ReceiptFeedNeeds) {
    this.#needs = needs;
    this.#unfollow = needs.log.appended.on(({ sessionId, events }) => {
      for (const event of events) {
        const receipt = receiptOf(event);
        if (receipt !== null) this.#tell({ ...receipt, sessionId });
      }
    });
  }

  close(): void {
    this.#unfollow();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#kept.clear();
  }

  #tell(told: Told): void {
    this.#kept.delete(told.approvalId);
    this.#kept.set(told.approvalId, told);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#flush();
  }

  #flush(): void {
    const { surface } = this.#needs;
    for (const [id, told] of this.#kept) {
      if (surface.bufferedBytes > MAX_UNACKED_BYTES) break;
      this.#kept.delete(id);
      surface.notify('desk.receipt', told);
    }
    if (this.#kept.size === 0 || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#flush();
    }, LOOK_AGAIN_MS).unref();
  }
}

function receiptOf(event: SessionEvent): { approvalId: ApprovalId; receipt: Receipt } | null {
  switch (event.type) {
    case 'approval.decided':
      return { approvalId: event.approvalId, receipt: 'decided' };
    case 'approval.delivered':
      return { approvalId: event.approvalId, receipt: 'delivered' };
    case 'approval.finished':
      return { approvalId: event.approvalId, receipt: event.failed ? 'failed' : 'finished' };
    default:
      return null;
  }
}

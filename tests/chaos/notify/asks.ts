import type { AttentionKind } from '../../../src/protocol/attention.ts';
import type { ApprovalId, SessionId } from '../../../src/protocol/ids.ts';
import type { PushDevice } from './push-device.ts';

/** Something that asks for a person, by this run's own count. */
export interface Asked {
  /** As the tag of a notification of its own. */
  readonly id: string;
  readonly kind: AttentionKind;
  readonly sessionId: SessionId;
  readonly approvalId: ApprovalId | null;
  readonly sinceMs: number;
  /** Decided, closed, or nothing new any more. */
  isOver: boolean;
  /** By somebody who may act on it. */
  isSeen: boolean;
  /** Of viewers. */
  readonly seenBy: Set<PushDevice>;
}

/** What asks, and what of it each device is to know. */
export class AskLedger {
  readonly all = new Map<string, Asked>();

  open(asked: Pick<Asked, 'id' | 'kind' | 'sessionId' | 'approvalId' | 'sinceMs'>): void {
    this.all.set(asked.id, { ...asked, isOver: false, isSeen: false, seenBy: new Set() });
  }

  over(id: string): void {
    const asked = this.all.get(id);
    if (asked !== undefined) asked.isOver = true;
  }

  seen(id: string, by: PushDevice | 'window'): void {
    const asked = this.all.get(id);
    if (asked === undefined) return;
    if (by === 'window' || by.role !== 'viewer') asked.isSeen = true;
    else asked.seenBy.add(by);
  }

  /** Not over; seen or not. */
  get asking(): Asked[] {
    return [...this.all.values()].filter(({ isOver }) => !isOver);
  }

  /** Whether it may ask a person there now. */
  asksAt(id: string, device: PushDevice): boolean {
    const asked = this.all.get(id);
    if (asked === undefined || asked.isOver || asked.isSeen || asked.seenBy.has(device))
      return false;
    return device.role !== 'viewer' || asked.approvalId === null;
  }

  wantedAt(device: PushDevice): Asked[] {
    return this.asking.filter(({ id }) => this.asksAt(id, device));
  }

  /** Settled ones take no room. */
  forgetOver(): void {
    for (const [id, { isOver }] of this.all) if (isOver) this.all.delete(id);
  }
}

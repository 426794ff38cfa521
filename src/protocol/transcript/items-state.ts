import type { SessionEvent, TurnOutcome } from '../session/events.ts';
import type { QueuedPrompt } from '../session/state.ts';
import type { ItemList } from './item-list.ts';

/** Events about an approval that an earlier page of history opened. */
export type ApprovalStep = Extract<
  SessionEvent,
  {
    type: 'approval.decided' | 'approval.delivered' | 'approval.finished' | 'approval.closed';
  }
>;

/** What refers to something before the first event, for the page that will be put in front. */
export interface LooseEnds {
  readonly events: readonly ApprovalStep[];
  /** Prompts that began or were taken back here and were queued before: their command ids. */
  readonly prompts: readonly string[];
  readonly dropped: readonly string[];
  /** How the first turn that ended here ended: it reaches back. */
  readonly firstEnd: TurnOutcome | null;
  /** Keys of the items that may continue one of an earlier page. */
  readonly firstPlan: string | null;
  readonly firstCompaction: string | null;
}

/** A transcript and what is needed to go on with it at both ends. Show `items`, pass the rest on. */
export interface TranscriptItems {
  readonly items: ItemList;
  /** 0 when empty. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /**
   * Where items that change later stand, by key. Copies of one transcript share it and only add
   * to it, so an entry is a hint: whoever uses it checks the key it finds there.
   */
  readonly positions: Map<string, number>;
  /** Prompts that wait for their turn. */
  readonly queued: readonly QueuedPrompt[];
  /** Items from here on belong to what the next end of a turn ends. */
  readonly sweepFrom: number;
  /** The plan and the compaction that an update would change; −1 for none. */
  readonly planAt: number;
  readonly compactionAt: number;
  readonly loose: LooseEnds;
}

export function toolKey(toolCallId: string): string {
  return `tool:${toolCallId}`;
}

export function approvalKey(approvalId: string): string {
  return `approval:${approvalId}`;
}

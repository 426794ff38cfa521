import type { SessionEvent } from '../session/events.ts';
import { ItemList } from './item-list.ts';
import { joinItems } from './items-join.ts';
import { ItemsDraft } from './items-draft.ts';
import type { TranscriptItems } from './items-state.ts';

export type { TranscriptItem } from './item.ts';
export type { TranscriptItems } from './items-state.ts';

export const NO_ITEMS: TranscriptItems = {
  items: ItemList.empty,
  firstSeq: 0,
  lastSeq: 0,
  positions: new Map(),
  queued: [],
  sweepFrom: 0,
  planAt: -1,
  compactionAt: -1,
  loose: {
    events: [],
    prompts: [],
    dropped: [],
    firstEnd: null,
    firstPlan: null,
    firstCompaction: null,
  },
};

/**
 * Folds later events into a transcript. Pure; items that did not change are the same objects, and
 * each event costs about the same however long the transcript is. It may start in the middle of a
 * history; events at or below `lastSeq` change nothing; those of unknown type are passed over.
 */
export function appendItems(
  items: TranscriptItems,
  events: readonly SessionEvent[],
): TranscriptItems {
  const first = events.findIndex(({ seq }) => seq > items.lastSeq);
  if (first === -1) return items;
  const draft = new ItemsDraft(items);
  for (let i = first; i < events.length; i += 1) {
    const event = events[i];
    if (event !== undefined) draft.apply(event);
  }
  return draft.done();
}

/**
 * Puts an earlier page of history in front; equal to folding everything from its start. Items that
 * began in the earlier page and went on in the later one become one.
 */
export function prependItems(
  items: TranscriptItems,
  events: readonly SessionEvent[],
): TranscriptItems {
  if (items.lastSeq === 0) return appendItems(items, events);
  const earlier = events.filter(({ seq }) => seq < items.firstSeq);
  return earlier.length === 0 ? items : joinItems(appendItems(NO_ITEMS, earlier), items);
}

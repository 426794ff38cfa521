import type { QueuedPrompt } from '../session/state.ts';
import type { TranscriptItem } from './item.ts';
import { ItemListDraft } from './item-list.ts';
import { isText, ItemsDraft } from './items-draft.ts';
import type { ApprovalStep, LooseEnds, TranscriptItems } from './items-state.ts';
import { joinTools } from './tool-item.ts';

/** Two neighbouring pieces of one history as one. Costs as much as both are long. */
export function joinItems(earlier: TranscriptItems, newer: TranscriptItems): TranscriptItems {
  const { older, untaken } = reachedBack(earlier, newer.loose);
  const queue = new Map(older.queued.map((prompt) => [String(prompt.commandId), prompt]));
  const placed = placeAll(older, newer, queue);
  const { moved, sweepFrom } = placed;
  const gone = new Set([...newer.loose.prompts, ...newer.loose.dropped]);
  return {
    items: placed.items,
    firstSeq: older.firstSeq,
    lastSeq: newer.lastSeq,
    positions: placed.positions,
    queued: [...older.queued.filter(({ commandId }) => !gone.has(commandId)), ...newer.queued],
    sweepFrom: newer.loose.firstEnd === null ? older.sweepFrom : sweepFrom,
    planAt: moved[newer.planAt] ?? (newer.loose.firstEnd === null ? older.planAt : -1),
    compactionAt:
      moved[newer.compactionAt] ?? (newer.loose.firstCompaction === null ? older.compactionAt : -1),
    loose: looseOf(older.loose, newer.loose, untaken, queue),
  };
}

/** What the newer piece says about the older one's items: decisions, and how its open turn ended. */
function reachedBack(
  earlier: TranscriptItems,
  loose: LooseEnds,
): { older: TranscriptItems; untaken: ApprovalStep[] } {
  const draft = new ItemsDraft(earlier);
  const untaken = loose.events.filter((event) => !draft.step(event));
  if (loose.firstEnd !== null) draft.sweep(loose.firstEnd);
  return { older: draft.done(), untaken };
}

interface Placed {
  readonly items: TranscriptItems['items'];
  readonly positions: Map<string, number>;
  /** Where each item of the newer piece is now. */
  readonly moved: readonly number[];
  readonly sweepFrom: number;
}

function placeAll(
  older: TranscriptItems,
  newer: TranscriptItems,
  queue: ReadonlyMap<string, QueuedPrompt>,
): Placed {
  const list = new ItemListDraft(older.items);
  const positions = new Map(older.positions);
  const moved: number[] = [];
  let sweepFrom = -1;
  for (const item of newer.items) {
    if (moved.length === newer.sweepFrom) sweepFrom = list.length;
    const begun = beginningOf(item, older, newer.loose, list);
    if (begun === -1) {
      const position = list.push(withPrompt(item, queue));
      if (item.kind === 'tool' || item.kind === 'approval') positions.set(item.key, position);
      moved.push(position);
      continue;
    }
    const first = list.at(begun);
    if (first !== undefined) list.set(begun, continued(first, item));
    moved.push(begun);
  }
  if (sweepFrom === -1) sweepFrom = list.length;
  return { items: list.done(), positions, moved, sweepFrom };
}

/** Position of the item that this one goes on with; −1 when it stands for itself. */
function beginningOf(
  item: TranscriptItem,
  older: TranscriptItems,
  loose: LooseEnds,
  list: ItemListDraft,
): number {
  switch (item.kind) {
    case 'tool':
    case 'approval':
      return older.positions.get(item.key) ?? -1;
    case 'plan':
      return item.key === loose.firstPlan ? older.planAt : -1;
    case 'compaction':
      return item.key === loose.firstCompaction ? older.compactionAt : -1;
    case 'text':
    case 'thought':
    case 'userText': {
      const last = list.last();
      const goesOn =
        last !== undefined &&
        isText(last) &&
        last.kind === item.kind &&
        last.messageId === item.messageId;
      return goesOn ? list.length - 1 : -1;
    }
    default:
      return -1;
  }
}

function continued(first: TranscriptItem, item: TranscriptItem): TranscriptItem {
  if (first.kind === 'tool' && item.kind === 'tool') return joinTools(first, item);
  if (first.kind === 'approval' && item.kind === 'approval')
    return { ...item, seq: first.seq, at: first.at };
  if (first.kind === 'plan' && item.kind === 'plan') return { ...first, entries: item.entries };
  if (first.kind === 'compaction' && item.kind === 'compaction')
    return { ...first, status: item.status, summary: item.summary ?? first.summary };
  if (isText(first) && isText(item)) return { ...first, text: first.text + item.text, at: item.at };
  return item;
}

function withPrompt(
  item: TranscriptItem,
  queue: ReadonlyMap<string, QueuedPrompt>,
): TranscriptItem {
  if (item.kind !== 'prompt' || item.prompt !== null) return item;
  const queued = queue.get(item.commandId);
  return queued === undefined ? item : { ...item, prompt: queued.prompt, by: queued.by };
}

function looseOf(
  older: LooseEnds,
  newer: LooseEnds,
  untaken: readonly ApprovalStep[],
  queue: ReadonlyMap<string, QueuedPrompt>,
): LooseEnds {
  return {
    events: [...older.events, ...untaken],
    prompts: [...older.prompts, ...newer.prompts.filter((id) => !queue.has(id))],
    dropped: [...older.dropped, ...newer.dropped.filter((id) => !queue.has(id))],
    firstEnd: older.firstEnd ?? newer.firstEnd,
    firstPlan: older.firstPlan ?? (older.firstEnd === null ? newer.firstPlan : null),
    firstCompaction: older.firstCompaction ?? newer.firstCompaction,
  };
}

import type { AttentionItem, NotifyPolicy } from '../../protocol/attention.ts';
import type { Ask } from './asks.ts';
import type { Kept, Memory, Telling } from './memory.ts';

const MAX_ITEMS = 500;
const MAX_BADGE = 9_999;

interface Listed {
  readonly ask: Ask;
  readonly kept: Kept;
}

function listed(memory: Memory, asks: ReadonlyMap<string, Ask>, policy: NotifyPolicy): Listed[] {
  return [...asks.values()].flatMap((ask) => {
    const kept = memory.kept.get(ask.id);
    return kept === undefined || !policy.kinds[ask.kind] ? [] : [{ ask, kept }];
  });
}

/** What surfaces show: oldest first, and of very many the newest. */
export function itemsOf(
  memory: Memory,
  asks: ReadonlyMap<string, Ask>,
  policy: NotifyPolicy,
): AttentionItem[] {
  return listed(memory, asks, policy)
    .toSorted((a, b) => a.kept.sinceMs - b.kept.sinceMs)
    .slice(-MAX_ITEMS)
    .map(({ ask, kept }) => ({
      ...{ id: ask.id, kind: ask.kind, title: ask.title, text: ask.text },
      ...(ask.sessionId !== undefined && { sessionId: ask.sessionId }),
      ...(ask.approval !== undefined && { approvalId: ask.approval.id }),
      since: new Date(kept.sinceMs).toISOString(),
      seenAt: kept.seenAt,
      told: kept.told.flatMap(toldOf),
    }));
}

/** One that is on its way was not told yet. */
function toldOf({ place, at, outcome, problem }: Telling): AttentionItem['told'] {
  if (outcome === 'pending') return [];
  return [{ place, at, outcome, ...(problem !== undefined && { problem }) }];
}

/** How many things a person is waited for with; what was seen and only stands there is none. */
export function badgeOf(
  memory: Memory,
  asks: ReadonlyMap<string, Ask>,
  policy: NotifyPolicy,
): number {
  const waiting = listed(memory, asks, policy).filter(
    ({ ask, kept }) => ask.ends === 'decided' || kept.seenAt === null,
  );
  return Math.min(waiting.length, MAX_BADGE);
}

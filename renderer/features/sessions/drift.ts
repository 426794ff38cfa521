import { raises, type Mode } from '../../../src/protocol/mode.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import type { ItemList } from '../../../src/protocol/transcript/item-list.ts';
import type { ModeItem } from '../../../src/protocol/transcript/item.ts';

const BY_AGENT = 'agent';

/**
 * Whether the mode in force is a freer one that the agent took by itself; `before` is the mode it had,
 * null where that is not loaded.
 */
export function driftIn(
  items: Pick<ItemList, 'length' | 'at'>,
  { mode }: Pick<SessionState, 'mode'>,
): { readonly before: Mode | null } | null {
  const changes: ModeItem[] = [];
  for (let i = items.length - 1; i >= 0 && changes.length < 2; i -= 1) {
    const item = items.at(i);
    if (item?.kind === 'mode') changes.push(item);
  }
  const [newest, older] = changes;
  if (newest?.by !== BY_AGENT || newest.mode !== mode) return null;
  const before = older?.mode ?? null;
  const isFreer =
    mode === null || (before === null ? mode === 'edits' || mode === 'auto' : raises(before, mode));
  return isFreer ? { before } : null;
}

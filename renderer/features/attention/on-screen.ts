import type { AttentionItem } from '../../../src/protocol/attention.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';

/** As much of a card as must be seen: what asks, and its first line. */
const HEAD_PX = 64;

/**
 * Whether an item stands before the person: its session is the one on screen, or its card is, or
 * another element that names it by `data-attends` (an item's id, or a session's).
 */
export function isOnScreen(
  page: Document,
  item: AttentionItem,
  sessionOnScreen: SessionId | null,
): boolean {
  if (item.sessionId !== undefined && item.sessionId === sessionOnScreen) return true;
  const { id, approvalId, sessionId } = item;
  const named = [id, ...(approvalId === undefined && sessionId !== undefined ? [sessionId] : [])];
  const selectors = [
    ...named.map((name) => `[data-attends="${CSS.escape(name)}"]`),
    ...(approvalId === undefined ? [] : [`[data-approval="${CSS.escape(approvalId)}"]`]),
  ];
  return [...page.querySelectorAll(selectors.join(','))].some(isInView);
}

/** Its head lies within the page, and nothing lies over it. */
function isInView(element: Element): boolean {
  const page = element.ownerDocument;
  const { top, bottom, left, right } = element.getBoundingClientRect();
  const from = Math.max(top, 0);
  const to = Math.min(bottom, page.documentElement.clientHeight);
  const needed = Math.min(HEAD_PX, bottom - top);
  if (bottom <= top || to - from < needed || from > top + HEAD_PX) return false;
  const over = page.elementFromPoint((left + right) / 2, Math.min(from + needed / 2, to - 1));
  return over !== null && element.contains(over);
}

import type { ContentBlock } from '@agentclientprotocol/sdk';
import type { SessionEvent } from '../../../protocol/session/events.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import type { LogWriter } from '../../event-log/event-log.ts';
import type { Store } from '../../event-log/store.ts';
import type { AcpBook, Place } from './acp-book.ts';
import { recapOf } from './recap.ts';

const FIRST = { limit: 200, maxBytes: 1024 * 1024 } as const;
const NEWEST = { limit: 3_000, maxBytes: 8 * 1024 * 1024, newest: true } as const;

/** Tells the person that the agent's conversation begins anew, and why. */
export function tellAnew(tx: LogWriter, sessionId: SessionId, why: string): void {
  const text =
    tx.state(sessionId)?.turn === null
      ? `${why} It starts anew; nothing had been said yet.`
      : `${why} It starts anew with a summary of what was said.`;
  tx.append(sessionId, { type: 'notice', level: 'warning', text, by: 'host' });
}

/**
 * What goes to the agent ahead of the prompt: the summary that a new conversation owes it, once. That
 * it was given is noted in the transaction that sends the prompt.
 */
export function recapBefore(
  { book, store }: { book: AcpBook; store: Pick<Store, 'events'> },
  tx: LogWriter,
  { instance, attached }: Place,
): ContentBlock[] {
  if (!attached.recap) return [];
  book.setAttached(tx, instance, { ...attached, recap: false });
  const { sessionId } = attached;
  const text = recapOf(transcriptOf(store, sessionId), tx.state(sessionId)?.plan ?? []);
  return text === null ? [] : [{ type: 'text', text }];
}

/** Its beginning and its end: the goal, and what was done last. */
function transcriptOf(store: Pick<Store, 'events'>, sessionId: SessionId): SessionEvent[] {
  const newest = store.events(sessionId, NEWEST);
  const before = newest[0]?.seq ?? 1;
  return before <= 1 ? newest : [...store.events(sessionId, { ...FIRST, before }), ...newest];
}

import { ATTENTION_KINDS, type Place } from '../../protocol/attention.ts';
import type { Ask } from './asks.ts';
import type { Notice } from './notice.ts';
import {
  BARE,
  bodyOf,
  countWords,
  cut,
  cutLine,
  MAX_BODY_CHARS,
  MAX_TITLE_CHARS,
} from './words.ts';

/** Which telling it is. */
export interface TellingMark {
  readonly round: number;
  readonly loud: boolean;
  readonly at: string;
  /** See {@link Notice.again}. */
  readonly again?: boolean;
}

/** One thing, in words. */
export function noticeOf(ask: Ask, mark: TellingMark): Notice {
  const { id, kind, title, sessionId, approval } = ask;
  const common = { id, kind, title, ...mark, bare: BARE[kind], ...(sessionId && { sessionId }) };
  if (approval === undefined) return { ...common, body: cut(ask.text, MAX_BODY_CHARS) };
  const { body, isWhole } = bodyOf(approval);
  return {
    ...{ ...common, body, approvalId: approval.id },
    ...(isWhole && isBelowTheLine(approval) && { hash: approval.hash }),
  };
}

/** What may be decided without the card: little can go wrong, and the person need not prove to be there. */
function isBelowTheLine({ risk, decider }: NonNullable<Ask['approval']>): boolean {
  const isCalm = risk?.level === 'low' || risk?.level === 'elevated';
  return isCalm && decider !== undefined && !decider.fresh;
}

export function digestId(place: Place): string {
  return `digest:${place}`.slice(0, 120);
}

/** Several things in one notification, the most needed first. */
export function digestOf(place: Place, asks: readonly Ask[], mark: TellingMark): Notice {
  const sorted = asks.toSorted(byNeed);
  const kinds = sorted.map(({ kind }) => kind);
  const words = countWords(kinds);
  const sessions = new Set(sorted.map(({ sessionId }) => sessionId));
  const [first] = sorted;
  const lines = sorted.map(({ title, text }) => cutLine(`${title}: ${text}`, 120));
  const common = {
    ...{ id: digestId(place), kind: first?.kind ?? ('machine' as const), ...mark },
    body: cut(lines.join('\n'), MAX_BODY_CHARS),
    ...{ bare: `${words}.`, count: sorted.length },
  };
  const [only] = sessions;
  // All of one session: a tap opens that.
  if (sessions.size === 1 && only !== undefined)
    return { ...common, title: cut(`${words}: ${first?.title}`, MAX_TITLE_CHARS), sessionId: only };
  return { ...common, title: words };
}

/** The most needed first, then the oldest. */
export function byNeed(a: Ask, b: Ask): number {
  const need = ATTENTION_KINDS.indexOf(a.kind) - ATTENTION_KINDS.indexOf(b.kind);
  return need === 0 ? a.sinceMs - b.sinceMs : need;
}

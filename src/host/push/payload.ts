import { MAX_PUSH_BYTES, type PushPayload } from '../../protocol/push.ts';
import type { Notice } from '../attention/notice.ts';
import { cutText } from '../courier/cut-text.ts';

const MAX_TITLE_CHARS = 200;
const MAX_BODY_CHARS = 800;
/** For a push service that takes less than the standard says. */
const MAX_SHORT_BYTES = 1_024;
/** In one push: a larger group makes several. */
export const MAX_WITHDRAWN_TAGS = 20;

export interface PushHead {
  /** SHA-256 of the host's sealing key, base64url. */
  readonly host: string;
  readonly badge: number;
}

export interface ShowManner {
  /** Allow and Deny may be offered where this notice goes. */
  readonly mayDecide: boolean;
  /** The push service found it too large. */
  readonly isShort: boolean;
}

type Show = Extract<PushPayload, { type: 'show' }>;

/**
 * A notice as a device is given it, at most {@link MAX_PUSH_BYTES} of JSON. What is cut ends with an
 * ellipsis, between characters as people see them, and cannot be decided from the notification: there
 * the whole call must be read.
 */
export function showPayload(notice: Notice, head: PushHead, manner: ShowManner): Show {
  const { id, round, kind, at, sessionId, approvalId, hash, loud, count } = notice;
  const limit = manner.isShort ? MAX_SHORT_BYTES : MAX_PUSH_BYTES;
  const isWhole = notice.body.length <= MAX_BODY_CHARS;
  const payload = (title: string, body: string, withHash: boolean): Show => ({
    ...{ v: 1, type: 'show', host: head.host, badge: badgeOf(head) },
    ...{ tag: id, round, kind, title, body, at, loud },
    ...(sessionId !== undefined && { sessionId }),
    ...(approvalId !== undefined && { approvalId }),
    ...(withHash && hash !== undefined && { hash }),
    ...(count !== undefined && { count }),
  });
  const title = cutText(notice.title, MAX_TITLE_CHARS);
  const whole = payload(title, notice.body, manner.mayDecide);
  if (isWhole && bytesOf(whole) <= limit) return whole;
  const shorter = payload(
    title,
    longestBody(notice.body, limit, (body) => bytesOf(payload(title, body, false))),
    false,
  );
  // A title alone can be more than the short one takes: 200 characters of many bytes each.
  return bytesOf(shorter) <= limit ? shorter : payload(cutText(title, 40), '', false);
}

/** `rounds`: of each tag the last that is taken back; null: not known. */
export function withdrawPayload(
  tags: readonly string[],
  head: PushHead,
  rounds: readonly number[] | null = null,
): PushPayload {
  return {
    ...{ v: 1, type: 'withdraw', host: head.host, badge: badgeOf(head) },
    tags: tags.slice(0, MAX_WITHDRAWN_TAGS),
    ...(rounds !== null && { rounds: rounds.slice(0, MAX_WITHDRAWN_TAGS) }),
    words:
      tags.length === 1
        ? 'Done: this asks for nobody any more.'
        : `Done: ${tags.length} notifications ask for nobody any more.`,
  };
}

/** The longest beginning of `text` with which the payload has at most `limit` bytes. */
function longestBody(text: string, limit: number, bytes: (body: string) => number): string {
  let [fits, fails] = [0, Math.min(text.length, MAX_BODY_CHARS) + 1];
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2);
    if (bytes(cutText(text, middle)) <= limit) fits = middle;
    else fails = middle;
  }
  return fits === 0 ? '' : cutText(text, fits);
}

function badgeOf({ badge }: PushHead): number {
  return Math.min(9_999, Math.max(0, badge));
}

function bytesOf(payload: Show): number {
  return Buffer.byteLength(JSON.stringify(payload), 'utf8');
}

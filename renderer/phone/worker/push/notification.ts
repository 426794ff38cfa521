import { notificationWords as words } from '../../../strings/phone-notification.ts';
import type { ShowPush, SilencePush } from './payload.ts';

/** What a notification knows of itself when it is tapped. No secret: other apps may read notifications. */
export interface NotificationFacts {
  /** null: of no host that is known here. */
  readonly host: string | null;
  readonly tag: string;
  readonly sessionId?: string;
  readonly approvalId?: string;
  readonly hash?: string;
  readonly title?: string;
  /** Since when it says that something is being decided. */
  readonly workingSinceMs?: number;
  /** It says what was decided, and asks for nothing. */
  readonly isReceipt?: boolean;
}

/** `NotificationOptions` of the Notifications API, with what TypeScript's list leaves out. */
export interface Shown {
  readonly title: string;
  readonly options: {
    readonly body: string;
    readonly tag: string;
    readonly data: NotificationFacts;
    readonly renotify?: boolean;
    readonly silent?: boolean;
    readonly requireInteraction?: boolean;
    readonly timestamp?: number;
    readonly actions?: readonly { readonly action: string; readonly title: string }[];
  };
}

export const ACTIONS = { allow: 'allow', deny: 'deny' } as const;
const PLAIN_TAG = 'porchlight';

/** `maxActions`: how many buttons this platform has room for; 0 on iOS. */
export function shownOf(push: ShowPush, maxActions: number): Shown {
  const { host, tag, kind, title, body, at, sessionId, approvalId, hash, loud } = push;
  const mayDecide = hash !== undefined && approvalId !== undefined && maxActions >= 2;
  return {
    title,
    options: {
      body,
      tag,
      timestamp: Date.parse(at),
      renotify: loud,
      // A desktop takes others away by itself; what asks stands until it is answered.
      requireInteraction: kind === 'decision' || kind === 'question',
      data: {
        ...{ host, tag, title },
        ...(sessionId !== undefined && { sessionId }),
        ...(approvalId !== undefined && { approvalId }),
        ...(mayDecide && { hash }),
      },
      ...(mayDecide && {
        actions: [
          { action: ACTIONS.allow, title: words.allow },
          { action: ACTIONS.deny, title: words.deny },
        ],
      }),
    },
  };
}

/** Between two renewals of a note the host is well: heard of so long after one, it outlived the silence. */
const RENEWED_WITHIN_MS = 90_000;

/** `heardAtMs`: when this phone itself last heard of the host. */
export function silenceOf(push: SilencePush, heardAtMs: number | null, nowMs: number): Shown {
  const { host, tag, hostName, writtenAt, working } = push;
  const writtenAtMs = Date.parse(writtenAt);
  const isThere = heardAtMs !== null && heardAtMs - writtenAtMs > RENEWED_WITHIN_MS;
  const sinceMs = Math.min(Math.max(writtenAtMs, heardAtMs ?? 0), nowMs);
  const title = isThere ? words.heardTitle(hostName) : words.silentTitle(hostName);
  return {
    title,
    options: {
      body: isThere
        ? words.heard(hostName, sinceMs, nowMs)
        : words.silent(hostName, sinceMs, nowMs, working),
      ...{ tag, timestamp: sinceMs, renotify: !isThere },
      ...(isThere && { silent: true }),
      data: { host, tag, title },
    },
  };
}

/** Of a host that speaks otherwise by now, or of nobody that is known here. */
export function plainOf(host: string | null, silent: boolean): Shown {
  return {
    title: words.app,
    options: {
      ...{ body: words.unreadable, tag: PLAIN_TAG, silent },
      data: { host, tag: PLAIN_TAG },
    },
  };
}

/** Takes the place of what asked: what became of it. Nothing is heard. */
export function quietly(
  { host, tag, sessionId, approvalId }: NotificationFacts,
  title: string,
  body: string,
  state: Pick<NotificationFacts, 'workingSinceMs' | 'isReceipt'> = {},
): Shown {
  const data = {
    ...{ host, tag, title, ...state },
    ...(sessionId !== undefined && { sessionId }),
    ...(approvalId !== undefined && { approvalId }),
  };
  return { title, options: { body, tag, silent: true, data } };
}

/** A notification may have been made by an older version of this app. */
export function factsOf(data: unknown): NotificationFacts | null {
  if (typeof data !== 'object' || data === null) return null;
  const { host, tag, workingSinceMs, isReceipt, ...rest } = data as Record<string, unknown>;
  if (typeof tag !== 'string') return null;
  const texts = ['sessionId', 'approvalId', 'hash', 'title'].flatMap((name) => {
    const text = rest[name];
    return typeof text === 'string' ? [[name, text]] : [];
  });
  return {
    ...Object.fromEntries(texts),
    ...(typeof workingSinceMs === 'number' && { workingSinceMs }),
    ...(isReceipt === true && { isReceipt }),
    host: typeof host === 'string' ? host : null,
    tag,
  };
}

import { notificationWords as words } from '../../../strings/phone-notification.ts';

/** What a person asked for from a notification. */
export interface Asked {
  readonly host: string;
  readonly approvalId: string;
  readonly sessionId?: string;
  /** Of the call that the notification showed. */
  readonly hash: string;
  readonly allow: boolean;
}

/** What became of it. */
export type Outcome =
  | { readonly kind: 'decided'; readonly title: string; readonly delivered: boolean }
  /** By somebody else, or there before; null: not known. */
  | { readonly kind: 'earlier'; readonly by: string | null; readonly allowed: boolean | null }
  | { readonly kind: 'expired' }
  /** It needs more than a tap here. */
  | { readonly kind: 'toCard'; readonly why: keyof typeof words.toCard }
  /** `wasSent`: the host may have it all the same. `why`: in words; null: it could not be reached. */
  | { readonly kind: 'failed'; readonly wasSent: boolean; readonly why: string | null };

export function receiptOf(allow: boolean, outcome: Outcome): string {
  switch (outcome.kind) {
    case 'decided':
      return (allow ? words.allowed : words.denied)(outcome.title, outcome.delivered);
    case 'earlier':
      return words.earlier(outcome.by, outcome.allowed);
    case 'expired':
      return words.expired;
    case 'toCard':
      return words.toCard[outcome.why];
    default:
      return outcome.wasSent ? words.notKnown : words.notDecided(outcome.why);
  }
}

/** Why a mail was not kept. */
export const NOT_LEFT = ['hostIsHere', 'tooFast', 'tooBig', 'full', 'away'] as const;
export type NotLeft = (typeof NOT_LEFT)[number];

/** What `/metrics` shows of mail. */
export class MailCounts {
  left = 0;
  readonly notLeft: Record<NotLeft, number> = {
    hostIsHere: 0,
    tooFast: 0,
    tooBig: 0,
    full: 0,
    away: 0,
  };
  /** Given to a host; the same one again counts again. */
  handed = 0;
  taken = 0;
  /** Of a device that was revoked, or of an earlier epoch. */
  dropped = 0;
  /** Reads of the store, and orders to forget, that failed. */
  storeFailures = 0;
}

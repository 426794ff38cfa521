import type { Outcome } from './note-sender.ts';

/** What `/metrics` shows of notes. */
export class NoteCounts {
  left = 0;
  notKept = 0;
  expired = 0;
  tries = 0;
  /** By what came of them. */
  readonly sent: Record<Outcome, number> = { delivered: 0, refused: 0, givenUp: 0, calledOff: 0 };
  storeFailures = 0;
}

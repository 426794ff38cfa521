import type { Role } from './metrics.ts';

/**
 * One client's connection, whatever carries it: a WebSocket, or POST and SSE. Whoever sits at it
 * (`listener`) changes once, when the client is admitted.
 */
export interface Line {
  listener: LineListener;
  /** The client's connection ends at another node, where it is counted. */
  readonly isElsewhere: boolean;
  /** Bytes that the client has not taken yet. */
  readonly unread: number;
  /** The client is in: from now on it is asked now and then whether it is still there. */
  admitted(role: Role): void;
  sendText(text: string): void;
  /**
   * Sends what follows the slot number. The four bytes of that number in front are the line's to
   * write over, so that a frame goes out without being copied.
   */
  sendCargoAfterSlot(frame: Buffer): void;
  sendCargoToSlot(slot: number, cargo: Buffer): void;
  /** Nothing is heard from the line afterwards, not even that it closed. */
  close(code: number, reason: string): void;
  /** Calls back once, when all that is unread now has gone out; never when the line ends before. */
  onceDrained(act: () => void): void;
  /** Reads no more until as many calls of `resume`. */
  pause(): void;
  resume(): void;
}

export interface LineListener {
  /** Who belongs together: a host and its devices. Absent before anybody is admitted. */
  readonly party?: object;
  onText(text: string): void;
  /** The buffer is the listener's: nobody else reads or writes it. */
  onCargo(cargo: Buffer): void;
  /** The client left, or the connection broke. */
  onClosed(): void;
}

/** The number in front of each cargo frame on a host's line. */
export const SLOT_BYTES = 4;

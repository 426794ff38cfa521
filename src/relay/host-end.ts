import type { Seat } from './seat.ts';

/** Where a channel's host is reached: by its own line, or by way of the node that has it. */
export interface HostEnd {
  /** Its line ends in this process. */
  readonly isHere: boolean;
  /** Bytes that it has not taken yet. */
  readonly unread: number;
  onceDrained(act: () => void): void;
  /** Somebody sat down, or got another number. */
  opened(seat: Seat): void;
  closed(seat: Seat): void;
  send(seat: Seat, cargo: Buffer): void;
  close(code: number, reason: string): void;
}

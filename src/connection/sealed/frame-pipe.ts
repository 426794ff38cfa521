/**
 * Carries whole binary frames both ways, in order, to one other end: a relay's channel, a socket. What
 * it delivers may have been changed by whoever is between; the sealed transport on top notices.
 * `start` is called once and nothing is delivered before; after `close` (either way) nothing more
 * arrives and `send` does nothing. A delivered array is the receiver's; a sent one the pipe's.
 */
export interface FramePipe {
  start(on: { frame(bytes: Uint8Array): void; close(reason: string): void }): void;
  /** Bytes handed over and not yet on the network, as far as this end can tell. */
  readonly bufferedBytes: number;
  send(bytes: Uint8Array): void;
  close(reason: string): void;
}

/**
 * Carries whole text messages both ways, in order. One peer owns it; `start` is called once, and
 * nothing is delivered before. After `onClose` nothing more arrives and `send` does nothing.
 */
export interface Transport {
  start(on: { message(text: string): void; close(reason: string): void }): void;
  /** Bytes handed over and not yet taken by the other side, as far as this end can tell. */
  readonly bufferedBytes: number;
  send(text: string): void;
  close(reason: string): void;
}

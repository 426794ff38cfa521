import type { FramePipe } from '../sealed/frame-pipe.ts';
import type { RelayLine } from './relay-line.ts';

type Receiver = Parameters<FramePipe['start']>[0];

/** What is carried over a relay's line while the same host is at its other end. */
export class LinePipe implements FramePipe {
  readonly #line: RelayLine;
  readonly #closed: (reason: string) => void;
  #on: Receiver | null = null;
  #early: Uint8Array[] = [];
  #over: string | null = null;

  /** `closed` is told when its owner closes it, and not when {@link end} did. */
  constructor(line: RelayLine, closed: (reason: string) => void) {
    this.#line = line;
    this.#closed = closed;
  }

  get bufferedBytes(): number {
    return this.#over === null ? this.#line.bufferedBytes : 0;
  }

  start(on: Receiver): void {
    this.#on = on;
    if (this.#over !== null) return on.close(this.#over);
    for (const bytes of this.#early.splice(0)) on.frame(bytes);
  }

  send(bytes: Uint8Array): void {
    if (this.#over === null) this.#line.send(bytes);
  }

  close(reason: string): void {
    if (this.#over !== null) return;
    this.#over = reason;
    this.#closed(reason);
  }

  frame(bytes: Uint8Array): void {
    if (this.#over !== null) return;
    if (this.#on === null) this.#early.push(bytes);
    else this.#on.frame(bytes);
  }

  end(reason: string): void {
    if (this.#over !== null) return;
    this.#over = reason;
    this.#on?.close(reason);
  }
}

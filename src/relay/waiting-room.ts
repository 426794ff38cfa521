import { CLOSE_BUSY } from '../protocol/relay.ts';
import type { Line, LineListener } from './line.ts';

/** Of who says something before it was let in. */
const MAX_FRAMES = 16;
const MAX_BYTES = 256 * 1024;

/** Where a client that has proven itself waits until it is known what to tell it. */
export class WaitingRoom implements LineListener {
  readonly #line: Line;
  /** What it said already, for whoever listens afterwards. */
  readonly #said: ((to: LineListener) => void)[] = [];
  #saidBytes = 0;
  #isThere = true;

  constructor(line: Line) {
    this.#line = line;
    line.listener = this;
    line.pause();
  }

  /** Then `act` gives the line its next listener, or ends it; `isThere`: the client has not left. */
  async until<T>(known: Promise<T>, act: (value: T, isThere: boolean) => void): Promise<void> {
    act(await known, this.#isThere);
    if (!this.#isThere) return;
    for (const repeat of this.#said) repeat(this.#line.listener);
    this.#line.resume();
  }

  onText(text: string): void {
    this.#keep(text.length, (to) => to.onText(text));
  }

  onCargo(cargo: Buffer): void {
    this.#keep(cargo.length, (to) => to.onCargo(cargo));
  }

  onClosed(): void {
    this.#isThere = false;
  }

  #keep(bytes: number, repeat: (to: LineListener) => void): void {
    this.#said.push(repeat);
    this.#saidBytes += bytes;
    if (this.#said.length <= MAX_FRAMES && this.#saidBytes <= MAX_BYTES) return;
    this.#isThere = false;
    this.#line.close(CLOSE_BUSY, 'That is too much before being let in.');
  }
}

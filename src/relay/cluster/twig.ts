import type { Seat } from '../seat.ts';
import type { Trunk } from './trunk.ts';

/**
 * What one device may have on its way that its host's node has not passed on. Then it is read no
 * more: a host that reads slowly slows who sends to it, also from another node.
 */
export const WINDOW_BYTES = 128 * 1024;
/** A frame weighs its bytes and this many. */
export const FRAME_BYTES = 64;

/** A device or guest here, whose host is at another node. */
export class Twig {
  readonly trunk: Trunk;
  readonly seat: Seat;
  readonly number: number;
  #untaken = 0;
  /** Its window is full. */
  #isPaused = false;
  /** The link to its host's node is. */
  #isHeld = false;

  constructor(trunk: Trunk, seat: Seat, number: number) {
    this.trunk = trunk;
    this.seat = seat;
    this.number = number;
  }

  sent(bytes: number): void {
    this.#untaken += bytes + FRAME_BYTES;
    if (this.#untaken <= WINDOW_BYTES || this.#isPaused) return;
    this.#isPaused = true;
    this.seat.line.pause();
  }

  /** As the other side counts it, see `Branch`. */
  taken(bytes: number): void {
    this.#untaken = Math.max(0, this.#untaken - bytes);
    if (this.#untaken <= WINDOW_BYTES / 2) this.#open();
  }

  /** `onceClear` calls back once, or never where the trunk is over before. */
  hold(onceClear: (act: () => void) => void): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.seat.line.pause();
    onceClear(() => this.#goOn());
  }

  /** The trunk is over: it waits for nobody. */
  release(): void {
    this.#open();
    this.#goOn();
  }

  #open(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.seat.line.resume();
  }

  #goOn(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.seat.line.resume();
  }
}

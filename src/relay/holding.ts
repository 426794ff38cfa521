import { MAX_UNREAD_BYTES } from '../protocol/relay.ts';
import type { HostEnd } from './host-end.ts';
import type { Seat } from './seat.ts';

/** With this much unread at the host, who sends more waits: one phone's photo must not end the line of all. */
export const HOLD_AT_BYTES = MAX_UNREAD_BYTES / 4;

/** Who waits until the host has taken what it was sent. */
export class Holding {
  readonly #held = new Set<Seat>();
  /** Counts up: a host that is gone lets nobody go that waits for the next. */
  #round = 0;

  hold(seat: Seat, host: HostEnd): void {
    if (this.#held.has(seat)) return;
    seat.line.pause();
    this.#held.add(seat);
    if (this.#held.size > 1) return;
    this.#round += 1;
    const round = this.#round;
    host.onceDrained(() => {
      if (round === this.#round) this.release();
    });
  }

  forget(seat: Seat): void {
    this.#held.delete(seat);
  }

  release(): void {
    this.#round += 1;
    const held = [...this.#held];
    this.#held.clear();
    for (const seat of held) seat.line.resume();
  }
}

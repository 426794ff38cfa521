import type { SessionEvent } from '../../protocol/session/events.ts';

/** More than a host sends unacknowledged; beyond it events are fetched again in pages. */
const MAX_WAITING = 1_024;

/**
 * Puts what a live subscription delivers into the stored order: no event twice, none missing, none
 * merged. It decides only; fetching and printing are the caller's.
 */
export class EventSequence {
  #cursor: number;
  #waiting: SessionEvent[] = [];
  /** Highest number that the host is known to have. */
  #newest: number;
  /** Highest number that the subscription has delivered. */
  #delivered = 0;

  constructor(cursor: number) {
    this.#cursor = cursor;
    this.#newest = cursor;
  }

  /** Number of the last event that was taken. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Whether there is something to take or to fetch. */
  get isBehind(): boolean {
    return this.#cursor < this.#newest;
  }

  /** What may be acknowledged: taken, and delivered by the subscription rather than fetched. */
  get acknowledgeable(): number {
    return Math.min(this.#cursor, this.#delivered);
  }

  /** There are events up to `seq`, wherever they may come from. */
  heardOf(seq: number): void {
    this.#newest = Math.max(this.#newest, seq);
  }

  push(events: readonly SessionEvent[]): void {
    for (const event of events) {
      this.heardOf(event.seq);
      this.#delivered = Math.max(this.#delivered, event.seq);
      if (this.#waiting.length < MAX_WAITING) this.#waiting.push(event);
    }
  }

  /**
   * The next event in order, or null when it is not here: then it has to be fetched, with all after
   * {@link cursor}, because it was merged with others, or left out while the queue was full.
   */
  take(): SessionEvent | null {
    for (;;) {
      const event = this.#waiting[0];
      if (event === undefined) return null;
      if (event.seq > this.#cursor && (event.from !== undefined || event.seq !== this.#cursor + 1))
        return null;
      this.#waiting.shift();
      if (event.seq <= this.#cursor) continue;
      this.#cursor = event.seq;
      return event;
    }
  }

  /** Takes a stored event that was fetched; throws when the host's own numbering has a hole. */
  takeStored(event: SessionEvent): boolean {
    if (event.seq <= this.#cursor) return false;
    // A stored event that stands for several: what is gone of a damaged history.
    if ((event.from ?? event.seq) > this.#cursor + 1)
      throw new Error(
        `The host's history goes from event ${this.#cursor} to ${event.seq}: run porchlight doctor`,
      );
    this.#cursor = event.seq;
    this.heardOf(event.seq);
    return true;
  }
}

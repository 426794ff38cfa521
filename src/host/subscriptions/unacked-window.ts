import { MAX_UNACKED_BYTES, MAX_UNACKED_EVENTS } from '../../protocol/limits.ts';

/**
 * What one surface was sent and has not acknowledged, over all sessions that it follows: as much as
 * the host keeps in memory for a surface that does not read.
 */
export class UnackedWindow {
  #events = 0;
  #bytes = 0;
  /** Who had a turn goes to the end, so that one busy session does not keep the others waiting. */
  readonly #feeds = new Set<() => void>();

  get hasRoom(): boolean {
    return this.#events < MAX_UNACKED_EVENTS && this.#bytes < MAX_UNACKED_BYTES;
  }

  get freeEvents(): number {
    return MAX_UNACKED_EVENTS - this.#events;
  }

  get freeBytes(): number {
    return MAX_UNACKED_BYTES - this.#bytes;
  }

  /** One that is larger than the whole window goes alone. */
  fits(bytes: number): boolean {
    return this.hasRoom && (this.#events === 0 || bytes <= this.freeBytes);
  }

  /** By the feed that joined with this `goOn`. */
  take(bytes: number, goOn: () => void): void {
    this.#events += 1;
    this.#bytes += bytes;
    this.#feeds.delete(goOn);
    this.#feeds.add(goOn);
  }

  give(events: number, bytes: number): void {
    this.#events -= events;
    this.#bytes -= bytes;
    for (const goOn of [...this.#feeds]) {
      if (!this.hasRoom) return;
      if (this.#feeds.has(goOn)) goOn();
    }
  }

  /** `goOn` is called when there is room again. Returns its own undo. */
  join(goOn: () => void): () => void {
    this.#feeds.add(goOn);
    return () => void this.#feeds.delete(goOn);
  }
}

import type { IncomingMessage } from 'node:http';
import { addressOf, type AddressBook, type Visitor } from './address-book.ts';
import type { Metrics } from './metrics.ts';

/** Counts who comes in, whichever way, before anything is spent on them. */
export class Turnstile {
  readonly #addresses: AddressBook;
  readonly #metrics: Metrics;
  readonly #maxConnections: number;
  readonly #trustProxy: boolean;
  #inside = 0;
  #isShut = false;

  constructor(
    addresses: AddressBook,
    metrics: Metrics,
    options: { maxConnections: number; trustProxy: boolean },
  ) {
    this.#addresses = addresses;
    this.#metrics = metrics;
    this.#maxConnections = options.maxConnections;
    this.#trustProxy = options.trustProxy;
  }

  get inside(): number {
    return this.#inside;
  }

  get isFull(): boolean {
    return this.#inside >= this.#maxConnections;
  }

  /** Lets nobody in any more. */
  shut(): void {
    this.#isShut = true;
  }

  /** The HTTP status for who has to wait, else what `leave` takes. */
  enter(request: IncomingMessage): Visitor | '503 Service Unavailable' | '429 Too Many Requests' {
    const isFull = this.#isShut || this.isFull;
    const visitor = isFull ? null : this.#addresses.enter(addressOf(request, this.#trustProxy));
    if (visitor !== null) {
      this.#inside += 1;
      return visitor;
    }
    this.#metrics.turnedAway += 1;
    return isFull ? '503 Service Unavailable' : '429 Too Many Requests';
  }

  leave(visitor: Visitor): void {
    this.#inside -= 1;
    this.#addresses.leave(visitor);
  }
}

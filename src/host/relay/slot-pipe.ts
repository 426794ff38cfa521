import type { FramePipe } from '../../connection/sealed/frame-pipe.ts';
import { MAX_CARGO_BYTES } from '../../protocol/relay.ts';

export const SLOT_BYTES = 4;

/** What a slot asks of the link that carries it. */
export interface SlotCarrier {
  send(cargo: Uint8Array, sent: () => void): void;
  /** This side has ended it. */
  ended(slot: number, reason: string): void;
}

/** One device or guest at the other end of a relay: sealed frames, numbered by the link. */
export class SlotPipe implements FramePipe {
  readonly slot: number;
  readonly #carrier: SlotCarrier;
  #on: { frame(bytes: Uint8Array): void; close(reason: string): void } | null = null;
  /** A device sends at once; the frames wait for `start`, which comes in the same turn. */
  #early: Uint8Array[] = [];
  #unsentBytes = 0;
  #isClosed = false;

  constructor(slot: number, carrier: SlotCarrier) {
    this.slot = slot;
    this.#carrier = carrier;
  }

  /** Of this slot alone: another device's backlog on the same link is no reason to hold this one back. */
  get bufferedBytes(): number {
    return this.#unsentBytes;
  }

  start(on: { frame(bytes: Uint8Array): void; close(reason: string): void }): void {
    this.#on = on;
    for (const bytes of this.#early.splice(0)) if (!this.#isClosed) on.frame(bytes);
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const cargo = Buffer.allocUnsafe(SLOT_BYTES + bytes.length);
    cargo.writeUInt32BE(this.slot);
    cargo.set(bytes, SLOT_BYTES);
    this.#unsentBytes += cargo.length;
    this.#carrier.send(cargo, () => (this.#unsentBytes -= cargo.length));
  }

  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#early = [];
    this.#carrier.ended(this.slot, reason);
  }

  /** From the link. */
  take(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    if (bytes.length > MAX_CARGO_BYTES) return this.#lose('a frame is too large');
    if (this.#on !== null) return this.#on.frame(bytes);
    if (this.#early.length > 0) return this.#lose('nobody has taken the first frame yet');
    this.#early.push(bytes);
  }

  /** From the link: the other side, or the link itself, is gone. */
  gone(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#early = [];
    this.#on?.close(reason);
  }

  #lose(reason: string): void {
    this.close(reason);
    this.#on?.close(reason);
  }
}

import { MAX_BUS_BYTES } from './bus.ts';
import { HEAD_BYTES, PIECE_HEAD_BYTES, writePieceHead } from './peer-packet.ts';
import { withRoom } from './room.ts';

/**
 * Small messages that wait are packed together up to here: what each packet costs is little then, and
 * it still fits into what a socket reads at once, or the client puts it together by copying.
 */
const FULL_PACKET_BYTES = 16 * 1024;
const MAX_PIECE_BYTES = MAX_BUS_BYTES - HEAD_BYTES - PIECE_HEAD_BYTES;
/**
 * On the way at a time. What a node that stands still has waiting for it at a NATS server stays far
 * below the 64 MiB at which that would end its connection, and so does what is sent again.
 */
export const WINDOW_BYTES = 4 * 1024 * 1024;

interface Message {
  readonly parts: readonly Uint8Array[];
  readonly bytes: number;
}

interface Sent {
  readonly packet: Buffer;
  /** Of messages that end in it, and how many of them. */
  readonly bytes: number;
}

/** In the place of what is let go of, until the list is moved together. */
const NO_MESSAGE: Message = { parts: [], bytes: 0 };
const NO_PACKET: Sent = { packet: Buffer.alloc(0), bytes: 0 };
/** A long list is moved together seldom. */
const TRIM_AT = 256;

/** What one node sends to another: waiting, on the way, or to be sent again. */
export class PeerOutgoing {
  /** Those that wait begin at `#waitingFrom`; the rest of the list is gone already. */
  #waiting: Message[] = [];
  #waitingFrom = 0;
  /** Of the first message that waits, what is in packets already. */
  #begun = 0;
  #sent: Sent[] = [];
  #sentFrom = 0;
  /** Index in `#sent` of the next to publish. */
  #next = 0;
  #onTheWayBytes = 0;
  #lastNumber = 0;
  /** Of all messages ever. */
  #givenBytes = 0;
  #ackedBytes = 0;
  readonly #acts: { readonly atBytes: number; readonly act: () => void }[] = [];

  /** Of the last packet that was made. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  get unackedBytes(): number {
    return this.#givenBytes - this.#ackedBytes;
  }

  get hasUnacked(): boolean {
    return this.#sent.length > this.#sentFrom;
  }

  /** Something waits that may go, now that more has been acknowledged. */
  get mayGoOn(): boolean {
    return this.#waitingFrom < this.#waiting.length && this.#onTheWayBytes < WINDOW_BYTES;
  }

  /** The number up to which all has been acknowledged. */
  get ackedUpTo(): number {
    return this.#lastNumber - (this.#sent.length - this.#sentFrom);
  }

  give(parts: readonly Uint8Array[]): void {
    let bytes = PIECE_HEAD_BYTES;
    for (const part of parts) bytes += part.length;
    this.#waiting.push({ parts, bytes: bytes - PIECE_HEAD_BYTES });
    this.#givenBytes += bytes;
  }

  /** Calls back when all that has been given up to now is acknowledged; at once when it is. */
  onceAcked(act: () => void): void {
    if (this.unackedBytes === 0) act();
    else this.#acts.push({ atBytes: this.#givenBytes, act });
  }

  /** The next packet to publish, its head left to write the first time; null: none may go now. */
  next(): { readonly packet: Buffer; readonly number: number; readonly isNew: boolean } | null {
    const again = this.#sent[this.#next];
    if (again === undefined) {
      if (!this.mayGoOn) return null;
      const made = this.#pack();
      this.#sent.push(made);
      this.#onTheWayBytes += made.packet.length;
      this.#next += 1;
      this.#lastNumber += 1;
      return { packet: made.packet, number: this.#lastNumber, isNew: true };
    }
    this.#next += 1;
    const number = this.#lastNumber - (this.#sent.length - this.#next);
    return { packet: again.packet, number, isNew: false };
  }

  /** All that is on the way is to be sent again. */
  rewind(): void {
    this.#next = this.#sentFrom;
  }

  /** false: nothing like that was ever sent. */
  acked(upTo: number): boolean {
    if (upTo > this.#lastNumber) return false;
    let passed = upTo - this.ackedUpTo;
    if (passed <= 0) return true;
    for (; passed > 0; passed -= 1) {
      const sent = this.#sent[this.#sentFrom];
      if (sent === undefined) break;
      this.#sent[this.#sentFrom] = NO_PACKET;
      this.#sentFrom += 1;
      this.#onTheWayBytes -= sent.packet.length;
      this.#ackedBytes += sent.bytes;
    }
    this.#next = Math.max(this.#next, this.#sentFrom);
    this.#trim();
    while (this.#acts[0] !== undefined && this.#acts[0].atBytes <= this.#ackedBytes)
      this.#acts.shift()?.act();
    return true;
  }

  /** Nothing waits any more, nobody is called back. */
  drop(): void {
    this.#waiting = [];
    this.#waitingFrom = 0;
    this.#sent = [];
    this.#sentFrom = 0;
    this.#next = 0;
    this.#ackedBytes = this.#givenBytes;
    this.#acts.length = 0;
  }

  #trim(): void {
    if (this.#sentFrom < this.#sent.length && this.#sentFrom < TRIM_AT) return;
    this.#sent.splice(0, this.#sentFrom);
    this.#next -= this.#sentFrom;
    this.#sentFrom = 0;
  }

  #pack(): Sent {
    const first = this.#waiting[this.#waitingFrom];
    const left = first === undefined ? 0 : first.bytes - this.#begun;
    if (this.#begun > 0 || left > MAX_PIECE_BYTES) return this.#piece(first, left);
    const from = this.#waitingFrom;
    let size = HEAD_BYTES;
    for (; this.#waitingFrom < this.#waiting.length; this.#waitingFrom += 1) {
      const bytes = PIECE_HEAD_BYTES + (this.#waiting[this.#waitingFrom]?.bytes ?? 0);
      if (this.#waitingFrom > from && size + bytes > FULL_PACKET_BYTES) break;
      size += bytes;
    }
    const packet = withRoom(size);
    let at = HEAD_BYTES;
    for (let n = from; n < this.#waitingFrom; n += 1) {
      const message = this.#waiting[n];
      if (message === undefined) break;
      at = writePieceHead(packet, at, message.bytes, false);
      for (const part of message.parts) {
        packet.set(part, at);
        at += part.length;
      }
      this.#waiting[n] = NO_MESSAGE;
    }
    this.#letGo();
    return { packet, bytes: size - HEAD_BYTES };
  }

  /** A part of a message that is too big for one packet. */
  #piece(message: Message | undefined, left: number): Sent {
    const length = Math.min(left, MAX_PIECE_BYTES);
    const isLast = length === left;
    const packet = withRoom(HEAD_BYTES + PIECE_HEAD_BYTES + length);
    let at = writePieceHead(packet, HEAD_BYTES, length, !isLast);
    let skip = this.#begun;
    for (const part of message?.parts ?? []) {
      const slice = part.subarray(Math.min(skip, part.length), skip + packet.length - at);
      packet.set(slice, at);
      at += slice.length;
      skip = Math.max(0, skip - part.length);
    }
    this.#begun = isLast ? 0 : this.#begun + length;
    if (isLast) {
      this.#waiting[this.#waitingFrom] = NO_MESSAGE;
      this.#waitingFrom += 1;
      this.#letGo();
    }
    return { packet, bytes: isLast ? length + PIECE_HEAD_BYTES : length };
  }

  #letGo(): void {
    if (this.#waitingFrom < this.#waiting.length && this.#waitingFrom < TRIM_AT) return;
    this.#waiting.splice(0, this.#waitingFrom);
    this.#waitingFrom = 0;
  }
}

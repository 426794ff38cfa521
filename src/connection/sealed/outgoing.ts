import type { CipherState } from '../../crypto/noise/cipher-state.ts';
import { packedBytes } from './early-texts.ts';
import { FRAME } from './frame-kind.ts';
import { FRAME_COST_BYTES, type SealedLimits } from './limits.ts';

const encoder = new TextEncoder();
/** As much as nearly every message needs: an idle channel holds little memory. */
const SMALL_BODY_BYTES = 4 * 1024;
const NOTHING = new Uint8Array(0);

/**
 * The sending direction: cuts texts into frames, keeps within the window, rekeys. Texts wait in
 * order until there is a key and room.
 */
export class Outgoing {
  readonly #limits: SealedLimits;
  readonly #nowMs: () => number;
  readonly #emit: (sealed: Uint8Array) => void;
  /** A frame before it is sealed; one for all, since sealing copies. Grows once, to its full size. */
  #frame: Uint8Array;
  #body: Uint8Array;
  readonly #queue: Uint8Array[] = [];
  /** Of the first text in the queue. */
  #sentOfFirst = 0;
  #queuedBytes = 0;
  #inFlightBytes = 0;
  #cipher: CipherState | null = null;
  #underThisKey = 0;
  #keyedAtMs = 0;

  constructor(limits: SealedLimits, nowMs: () => number, emit: (sealed: Uint8Array) => void) {
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#emit = emit;
    this.#frame = new Uint8Array(1 + Math.min(limits.maxBodyBytes, SMALL_BODY_BYTES));
    this.#body = this.#frame.subarray(1);
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** A reason to close, or null. */
  text(text: string): string | null {
    if (this.#queue.length === 0 && this.#cipher !== null && this.#sealAtOnce(text)) return null;
    const bytes = encoder.encode(text);
    if (bytes.length > this.#limits.maxTextBytes)
      return `a message of ${bytes.length} bytes is over the limit of ${this.#limits.maxTextBytes}`;
    this.#enqueue(bytes);
    this.#pump();
    return this.#queuedBytes > this.#limits.maxQueuedBytes
      ? 'the other side does not read what it is sent'
      : null;
  }

  /** The first texts of the queue that fit into a handshake's payload together. */
  takeEarly(roomBytes: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let room = roomBytes;
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      room -= packedBytes(first);
      if (room < 0) break;
      taken.push(first);
      this.#queue.shift();
      this.#queuedBytes -= first.length;
    }
    return taken;
  }

  open(cipher: CipherState): void {
    this.#cipher = cipher;
    this.#keyedAtMs = this.#nowMs();
    this.#pump();
  }

  /** False when more is acknowledged than was sent. */
  credit(bytes: number): boolean {
    if (bytes > this.#inFlightBytes) return false;
    this.#inFlightBytes -= bytes;
    this.#pump();
    return true;
  }

  /** Anything but text: it does not wait for the window. */
  control(kind: number, body: Uint8Array = NOTHING): void {
    if (this.#cipher === null) return;
    this.#body.set(body);
    this.#seal(kind, body.length);
  }

  wipe(): void {
    this.#cipher?.wipe();
    this.#cipher = null;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#frame.fill(0);
  }

  /** The usual case, without a copy: a text that fits into one frame, and the window has room. */
  #sealAtOnce(text: string): boolean {
    if (text.length > this.#limits.maxBodyBytes) return false;
    if (text.length > this.#body.length) this.#grow();
    const { read, written } = encoder.encodeInto(text, this.#body);
    if (read !== text.length || !this.#hasRoom(written)) return false;
    this.#sealText(FRAME.last, written);
    return true;
  }

  #enqueue(bytes: Uint8Array): void {
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
  }

  #grow(): void {
    this.#frame.fill(0);
    this.#frame = new Uint8Array(1 + this.#limits.maxBodyBytes);
    this.#body = this.#frame.subarray(1);
  }

  #hasRoom(bodyBytes: number): boolean {
    return this.#inFlightBytes + bodyBytes + FRAME_COST_BYTES <= this.#limits.windowBytes;
  }

  #pump(): void {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const left = first.length - this.#sentOfFirst;
      const length = Math.min(left, this.#limits.maxBodyBytes);
      if (this.#cipher === null || !this.#hasRoom(length)) return;
      if (length > this.#body.length) this.#grow();
      this.#body.set(first.subarray(this.#sentOfFirst, this.#sentOfFirst + length));
      this.#queuedBytes -= length;
      if (length === left) {
        this.#queue.shift();
        this.#sentOfFirst = 0;
        this.#sealText(FRAME.last, length);
      } else {
        this.#sentOfFirst += length;
        this.#sealText(FRAME.more, length);
      }
    }
  }

  #sealText(kind: number, length: number): void {
    this.#inFlightBytes += length + FRAME_COST_BYTES;
    this.#seal(kind, length);
  }

  /** Of the frame whose body is in place already. */
  #seal(kind: number, length: number): void {
    const cipher = this.#cipher;
    if (cipher === null) return;
    let last: Uint8Array | null = null;
    if (this.#isKeyOld()) {
      last = cipher.seal(Uint8Array.of(FRAME.rekey));
      cipher.rekey();
      this.#underThisKey = 0;
      this.#keyedAtMs = this.#nowMs();
    }
    this.#underThisKey += 1;
    this.#frame[0] = kind;
    // Sealed before anything is given away: a pipe may call back at once.
    const sealed = cipher.seal(this.#frame.subarray(0, 1 + length));
    if (last !== null) this.#emit(last);
    this.#emit(sealed);
  }

  /** The rekey frame itself is the last of those that the old key may seal. */
  #isKeyOld(): boolean {
    return (
      this.#underThisKey >= this.#limits.rekeyEveryMessages - 1 ||
      this.#nowMs() - this.#keyedAtMs >= this.#limits.rekeyEveryMs
    );
  }
}

import type { CipherState } from '../../crypto/noise/cipher-state.ts';
import { concat } from '../../crypto/bytes.ts';
import { MAX_NOISE_BYTES } from '../../crypto/noise/handshake-state.ts';
import { FRAME } from './frame-kind.ts';
import { FRAME_COST_BYTES, MAX_REASON_BYTES, MIN_PART_BYTES, type SealedLimits } from './limits.ts';

export interface IncomingEvents {
  /** A frame opened: the other side has the keys. Asked before its content is looked at; false ends it. */
  heard(): boolean;
  text(text: string): void;
  /** The other side has taken so much of our text; false when it cannot have. */
  credit(bytes: number): boolean;
  /** So much of its text was taken: to be told to it. */
  taken(bytes: number): void;
  ping(body: Uint8Array): void;
  pong(body: Uint8Array): void;
  bye(reason: string): void;
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder();

/** The receiving direction: opens frames and puts texts together. The first thing that is wrong ends it. */
export class Incoming {
  readonly #cipher: CipherState;
  readonly #limits: SealedLimits;
  readonly #on: IncomingEvents;
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  #untoldBytes = 0;

  constructor(cipher: CipherState, limits: SealedLimits, on: IncomingEvents) {
    this.#cipher = cipher;
    this.#limits = limits;
    this.#on = on;
  }

  /** What is wrong with it, or null. Nothing of a wrong frame was delivered. */
  frame(sealed: Uint8Array): string | null {
    const plain = sealed.length > MAX_NOISE_BYTES ? null : this.#cipher.open(sealed);
    if (plain === null) return 'a frame did not open: it was changed, lost or moved on the way';
    if (!this.#on.heard()) return null;
    const body = plain.subarray(1);
    switch (plain[0]) {
      case FRAME.last:
        return this.#last(body);
      case FRAME.more:
        return this.#more(body);
      case FRAME.rekey:
        if (body.length !== 0) return 'a frame is malformed';
        this.#cipher.rekey();
        return null;
      case FRAME.credit: {
        if (body.length !== 4) return 'a frame is malformed';
        const bytes = new DataView(body.buffer, body.byteOffset, 4).getUint32(0);
        return this.#on.credit(bytes) ? null : 'more was acknowledged than was sent';
      }
      case FRAME.ping:
      case FRAME.pong:
        if (body.length !== 8) return 'a frame is malformed';
        if (plain[0] === FRAME.ping) this.#on.ping(body);
        else this.#on.pong(body);
        return null;
      case FRAME.bye:
        this.#on.bye(lenient.decode(body.subarray(0, MAX_REASON_BYTES)));
        return null;
      default:
        return 'a frame is of an unknown kind';
    }
  }

  wipe(): void {
    this.#cipher.wipe();
    this.#parts = [];
  }

  #more(body: Uint8Array): string | null {
    if (body.length < Math.min(MIN_PART_BYTES, this.#limits.maxBodyBytes))
      return 'a part of a message is too small';
    if (this.#partsBytes + body.length > this.#limits.maxTextBytes) return this.#tooLarge();
    this.#parts.push(body);
    this.#partsBytes += body.length;
    this.#took(body.length);
    return null;
  }

  #last(body: Uint8Array): string | null {
    if (this.#partsBytes + body.length > this.#limits.maxTextBytes) return this.#tooLarge();
    if (this.#partsBytes > 0 && body.length === 0) return 'the last part of a message is empty';
    const whole = this.#partsBytes === 0 ? body : concat(...this.#parts, body);
    this.#parts = [];
    this.#partsBytes = 0;
    let text: string;
    try {
      text = strict.decode(whole);
    } catch {
      return 'a message is not UTF-8';
    }
    this.#took(body.length);
    this.#on.text(text);
    return null;
  }

  #took(bodyBytes: number): void {
    this.#untoldBytes += bodyBytes + FRAME_COST_BYTES;
    if (this.#untoldBytes < this.#limits.creditEveryBytes) return;
    const bytes = this.#untoldBytes;
    this.#untoldBytes = 0;
    this.#on.taken(bytes);
  }

  #tooLarge(): string {
    return `a message is over the limit of ${this.#limits.maxTextBytes} bytes`;
  }
}

import { EMPTY } from '../bytes.ts';
import { KEY_BYTES, type Aead, type Primitives } from '../primitives.ts';

const MAX_NONCE = 2 ** 48;
const ZEROS = new Uint8Array(KEY_BYTES);

/**
 * One direction of a channel, Noise §5.1. Nonces count up by themselves and are never sent, so a
 * frame that is missing, doubled, moved or changed does not open, and neither does anything after.
 */
export class CipherState {
  readonly #primitives: Pick<Primitives, 'aead'>;
  #aead: Aead | null;
  #count = 0;
  readonly #nonce = new Uint8Array(12);
  readonly #view = new DataView(this.#nonce.buffer);

  constructor(key: Uint8Array, primitives: Pick<Primitives, 'aead'>) {
    this.#primitives = primitives;
    this.#aead = primitives.aead(key);
  }

  /** Throws only after {@link wipe}, or 2^48 messages. */
  seal(plain: Uint8Array, ad: Uint8Array = EMPTY): Uint8Array {
    const sealed = this.#keyed().seal(this.#nonce, ad, plain);
    this.#advance();
    return sealed;
  }

  /** Null when it is not the other side's next message; the count stays, and the channel is to be closed. */
  open(sealed: Uint8Array, ad: Uint8Array = EMPTY): Uint8Array | null {
    const plain = this.#keyed().open(this.#nonce, ad, sealed);
    if (plain !== null) this.#advance();
    return plain;
  }

  /** Noise §4.2: the old key makes the new one and is gone; the count goes on. */
  rekey(): void {
    const old = this.#keyed();
    const nonce = new Uint8Array(12).fill(0xff, 4);
    const sealed = old.seal(nonce, EMPTY, ZEROS);
    this.#aead = this.#primitives.aead(sealed.subarray(0, KEY_BYTES));
    sealed.fill(0);
    old.wipe();
  }

  wipe(): void {
    this.#aead?.wipe();
    this.#aead = null;
  }

  #keyed(): Aead {
    if (this.#aead === null) throw new Error('This cipher was wiped: its channel is closed.');
    return this.#aead;
  }

  #advance(): void {
    this.#count += 1;
    if (this.#count >= MAX_NONCE) this.wipe();
    this.#view.setUint32(4, this.#count >>> 0, true);
    this.#view.setUint32(8, Math.floor(this.#count / 2 ** 32), true);
  }
}

import { withDeadline } from '../base/deadline.ts';
import { TAG_BYTES, KEY_BYTES, type Aead, type DhKeyPair, type Primitives } from './primitives.ts';

/** The part of libsodium's compiled module that is used here, below its JavaScript wrappers. */
interface SodiumModule {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _crypto_aead_chacha20poly1305_ietf_encrypt(...args: readonly number[]): number;
  _crypto_aead_chacha20poly1305_ietf_decrypt(...args: readonly number[]): number;
  _crypto_scalarmult(out: number, secret: number, point: number): number;
  _crypto_scalarmult_base(out: number, secret: number): number;
}

const LOAD_LIMIT_MS = 10_000;
const NONCE_BYTES = 12;
const MAX_AD_BYTES = 64;
/** A Noise message at its largest, sealed. */
const MAX_TEXT_BYTES = 65_535 + TAG_BYTES;

/**
 * `base` with libsodium's AEAD and X25519, compiled to WebAssembly: the fastest for small messages and
 * ten times faster than JavaScript for keys, wherever WebAssembly may run. Loads it (about 150 kB
 * compressed) and rejects when that fails; `base` then does alone.
 */
export async function withSodium(base: Primitives): Promise<Primitives> {
  const scratch = await loadScratch();
  return {
    ...base,
    generateKeyPair: () => new SodiumKeyPair(scratch, base.randomBytes(KEY_BYTES)),
    keyPairOf: (secret) => new SodiumKeyPair(scratch, secret.slice()),
    aead: (key) => new SodiumAead(scratch, key),
  };
}

async function loadScratch(): Promise<Scratch> {
  const wrappers = await import('libsodium-wrappers');
  // It rejects without WebAssembly; a page whose policy forbids it may also hang.
  await withDeadline(wrappers.ready, LOAD_LIMIT_MS, 'Loading libsodium');
  // The wrappers export the module they wrap, but their types do not say so. Calling it directly
  // spares an allocation for each argument, half of the time for a small message.
  return new Scratch(parseModule((wrappers as { libsodium?: unknown }).libsodium));
}

function parseModule(value: unknown): SodiumModule {
  const module = value as Partial<SodiumModule> | undefined;
  if (
    !(module?.HEAPU8 instanceof Uint8Array) ||
    typeof module._malloc !== 'function' ||
    typeof module._crypto_aead_chacha20poly1305_ietf_encrypt !== 'function' ||
    typeof module._crypto_aead_chacha20poly1305_ietf_decrypt !== 'function' ||
    typeof module._crypto_scalarmult !== 'function' ||
    typeof module._crypto_scalarmult_base !== 'function'
  )
    throw new Error('This libsodium does not export its compiled module.');
  return module as SodiumModule;
}

/** One place in the module's memory, used by one call after the other; nothing stays in it. */
class Scratch {
  readonly #sodium: SodiumModule;
  readonly #key: number;
  readonly #nonce: number;
  readonly #ad: number;
  readonly #text: number;

  constructor(sodium: SodiumModule) {
    this.#sodium = sodium;
    this.#key = sodium._malloc(KEY_BYTES + NONCE_BYTES + MAX_AD_BYTES + MAX_TEXT_BYTES);
    this.#nonce = this.#key + KEY_BYTES;
    this.#ad = this.#nonce + NONCE_BYTES;
    this.#text = this.#ad + MAX_AD_BYTES;
  }

  seal(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plain: Uint8Array): Uint8Array {
    const text = this.#text;
    this.#put(key, nonce, ad, plain);
    this.#sodium._crypto_aead_chacha20poly1305_ietf_encrypt(
      text,
      0,
      text,
      plain.length,
      0,
      this.#ad,
      ad.length,
      0,
      0,
      this.#nonce,
      this.#key,
    );
    return this.#take(plain.length + TAG_BYTES, plain.length + TAG_BYTES);
  }

  open(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    const text = this.#text;
    this.#put(key, nonce, ad, sealed);
    const failed = this.#sodium._crypto_aead_chacha20poly1305_ietf_decrypt(
      text,
      0,
      0,
      text,
      sealed.length,
      0,
      this.#ad,
      ad.length,
      0,
      this.#nonce,
      this.#key,
    );
    const plain = this.#take(sealed.length - TAG_BYTES, sealed.length);
    return failed === 0 ? plain : null;
  }

  /** Of the base point, or of another one; null when the result is all zeros. */
  multiply(secret: Uint8Array, point: Uint8Array | null): Uint8Array | null {
    const heap = this.#sodium.HEAPU8;
    const [at, out] = [this.#text, this.#text + KEY_BYTES];
    heap.set(secret, this.#key);
    if (point !== null) heap.set(point, at);
    const failed =
      point === null
        ? this.#sodium._crypto_scalarmult_base(out, this.#key)
        : this.#sodium._crypto_scalarmult(out, this.#key, at);
    const result = heap.slice(out, out + KEY_BYTES);
    heap.fill(0, this.#key, this.#key + KEY_BYTES);
    heap.fill(0, at, out + KEY_BYTES);
    return failed === 0 ? result : null;
  }

  #put(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, text: Uint8Array): void {
    // Looked up each time: the array is another one when the memory grew.
    const heap = this.#sodium.HEAPU8;
    heap.set(key, this.#key);
    heap.set(nonce, this.#nonce);
    heap.set(ad, this.#ad);
    heap.set(text, this.#text);
  }

  #take(length: number, used: number): Uint8Array {
    const heap = this.#sodium.HEAPU8;
    const result = heap.slice(this.#text, this.#text + length);
    heap.fill(0, this.#key, this.#key + KEY_BYTES);
    heap.fill(0, this.#text, this.#text + used);
    return result;
  }
}

class SodiumKeyPair implements DhKeyPair {
  readonly publicKey: Uint8Array;
  readonly #scratch: Scratch;
  #secret: Uint8Array | null;

  /** Takes `secret`, which is its own from now on. */
  constructor(scratch: Scratch, secret: Uint8Array) {
    if (secret.length !== KEY_BYTES) throw new TypeError(`A secret key has ${KEY_BYTES} bytes`);
    const publicKey = scratch.multiply(secret, null);
    if (publicKey === null) throw new TypeError('That is no secret key');
    this.#scratch = scratch;
    this.#secret = secret;
    this.publicKey = publicKey;
  }

  dh(remote: Uint8Array): Uint8Array {
    if (this.#secret === null) throw new Error('This key was wiped.');
    if (remote.length !== KEY_BYTES) throw new TypeError(`A public key has ${KEY_BYTES} bytes`);
    const shared = this.#scratch.multiply(this.#secret, remote);
    if (shared === null) throw new TypeError('That public key is no usable point');
    return shared;
  }

  wipe(): void {
    this.#secret?.fill(0);
    this.#secret = null;
  }
}

class SodiumAead implements Aead {
  readonly #scratch: Scratch;
  readonly #key: Uint8Array;

  constructor(scratch: Scratch, key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new TypeError(`A key has ${KEY_BYTES} bytes`);
    this.#scratch = scratch;
    this.#key = key.slice();
  }

  seal(nonce: Uint8Array, ad: Uint8Array, plain: Uint8Array): Uint8Array {
    if (plain.length + TAG_BYTES > MAX_TEXT_BYTES || ad.length > MAX_AD_BYTES)
      throw new RangeError(`${plain.length} bytes are more than a Noise message holds`);
    return this.#scratch.seal(this.#key, nonce, ad, plain);
  }

  open(nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    if (sealed.length < TAG_BYTES || sealed.length > MAX_TEXT_BYTES || ad.length > MAX_AD_BYTES)
      return null;
    return this.#scratch.open(this.#key, nonce, ad, sealed);
  }

  wipe(): void {
    this.#key.fill(0);
  }
}

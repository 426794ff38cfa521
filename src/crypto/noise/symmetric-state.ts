import { concat, EMPTY, utf8 } from '../bytes.ts';
import type { SymmetricPrimitives } from '../primitives.ts';
import { CipherState } from './cipher-state.ts';

/** Noise §5.2: the chaining key, the transcript hash and the key of the handshake's payloads. */
export class SymmetricState {
  readonly #primitives: SymmetricPrimitives;
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #cipher: CipherState | null = null;

  constructor(protocolName: string, primitives: SymmetricPrimitives) {
    this.#primitives = primitives;
    const name = utf8(protocolName);
    const first = name.length <= 32 ? concat(name, new Uint8Array(32 - name.length)) : null;
    this.#hash = first ?? primitives.sha256(name);
    this.#chainingKey = this.#hash.slice();
  }

  /** The transcript hash so far. Public, and never a key. */
  get hash(): Uint8Array {
    return this.#hash.slice();
  }

  mixKey(input: Uint8Array): void {
    const [chainingKey, key] = this.#derive(input, 2);
    this.#replace(chainingKey, key);
  }

  mixHash(data: Uint8Array): void {
    const both = concat(this.#hash, data);
    this.#hash = this.#primitives.sha256(both);
  }

  mixKeyAndHash(input: Uint8Array): void {
    const [chainingKey, hash, key] = this.#derive(input, 3);
    this.mixHash(hash);
    hash.fill(0);
    this.#replace(chainingKey, key);
  }

  encryptAndHash(plain: Uint8Array): Uint8Array {
    const out = this.#cipher === null ? plain.slice() : this.#cipher.seal(plain, this.#hash);
    this.mixHash(out);
    return out;
  }

  /** Null when it does not open. */
  decryptAndHash(data: Uint8Array): Uint8Array | null {
    const plain = this.#cipher === null ? data.slice() : this.#cipher.open(data, this.#hash);
    if (plain !== null) this.mixHash(data);
    return plain;
  }

  get isKeyed(): boolean {
    return this.#cipher !== null;
  }

  /** The keys of both directions, the initiator's first, and a key for exports that tells nothing of either. */
  split(exportLabel: string): [CipherState, CipherState, exporter: Uint8Array] {
    const [first, second] = this.#derive(EMPTY, 2);
    const exporter = this.#primitives.hmac(this.#chainingKey, utf8(exportLabel));
    const ciphers = [first, second].map((key) => {
      const cipher = new CipherState(key, this.#primitives);
      key.fill(0);
      return cipher;
    }) as [CipherState, CipherState];
    this.wipe();
    return [...ciphers, exporter];
  }

  wipe(): void {
    this.#chainingKey.fill(0);
    this.#cipher?.wipe();
    this.#cipher = null;
  }

  #replace(chainingKey: Uint8Array, key: Uint8Array): void {
    this.#chainingKey.fill(0);
    this.#chainingKey = chainingKey;
    this.#cipher?.wipe();
    this.#cipher = new CipherState(key, this.#primitives);
    key.fill(0);
  }

  /** Noise's HKDF, §4.3. */
  #derive(input: Uint8Array, outputs: 2 | 3): [Uint8Array, Uint8Array, Uint8Array] {
    const { hmac } = this.#primitives;
    const temporary = hmac(this.#chainingKey, input);
    const first = hmac(temporary, Uint8Array.of(1));
    const second = hmac(temporary, concat(first, Uint8Array.of(2)));
    const third = outputs === 3 ? hmac(temporary, concat(second, Uint8Array.of(3))) : EMPTY;
    temporary.fill(0);
    return [first, second, third];
  }
}

import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { TAG_BYTES, type Aead, type SymmetricPrimitives } from './primitives.ts';

/** Without the curves, which are large and which browsers have of their own. */
export const nobleSymmetric: SymmetricPrimitives = {
  sha256: (data) => sha256(data),
  hmac: (key, data) => hmac(sha256, key, data),
  aead: nobleAead,
  randomBytes: (length) => randomBytes(length),
};

export function nobleAead(key: Uint8Array): Aead {
  const copy = key.slice();
  return {
    seal: (nonce, ad, plain) => chacha20poly1305(copy, nonce, ad).encrypt(plain),
    open: (nonce, ad, sealed) => {
      if (sealed.length < TAG_BYTES) return null;
      try {
        return chacha20poly1305(copy, nonce, ad).decrypt(sealed);
      } catch {
        return null;
      }
    },
    wipe: () => void copy.fill(0),
  };
}

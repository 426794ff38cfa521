import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { KEY_BYTES, TAG_BYTES, type Aead, type DhKeyPair, type Primitives } from './primitives.ts';

/** Pure JavaScript: runs everywhere, also in pages without a secure context, and is the slowest. */
export const noblePrimitives: Primitives = {
  generateKeyPair: () => pairOf(randomBytes(KEY_BYTES)),
  keyPairOf: (secret) => pairOf(secret.slice()),
  sha256: (data) => sha256(data),
  hmac: (key, data) => hmac(sha256, key, data),
  aead: nobleAead,
  randomBytes: (length) => randomBytes(length),
};

function pairOf(secret: Uint8Array): DhKeyPair {
  if (secret.length !== KEY_BYTES) throw new TypeError(`A secret key has ${KEY_BYTES} bytes`);
  let isWiped = false;
  return {
    publicKey: x25519.getPublicKey(secret),
    dh: (remote) => {
      // A secret of zeros would compute, and with what everybody knows.
      if (isWiped) throw new Error('This key was wiped.');
      return x25519.getSharedSecret(secret, remote);
    },
    wipe: () => {
      isWiped = true;
      secret.fill(0);
    },
  };
}

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

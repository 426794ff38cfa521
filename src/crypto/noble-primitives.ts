import { x25519 } from '@noble/curves/ed25519.js';
import { randomBytes } from '@noble/hashes/utils.js';
import { nobleSymmetric } from './noble-symmetric.ts';
import { KEY_BYTES, type DhKeyPair, type Primitives } from './primitives.ts';

/** Pure JavaScript: runs everywhere, also in pages without a secure context, and is the slowest. */
export const noblePrimitives: Primitives = {
  generateKeyPair: () => pairOf(randomBytes(KEY_BYTES)),
  keyPairOf: (secret) => pairOf(secret.slice()),
  ...nobleSymmetric,
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

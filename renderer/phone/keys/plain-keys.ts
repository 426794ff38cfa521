import { x25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { noblePrimitives } from '../../../src/crypto/noble-primitives.ts';
import type { DhKeyPair } from '../../../src/crypto/primitives.ts';
import type { PlainKeys } from './stored-keys.ts';

// Loaded only where it is needed: curves in JavaScript are large.

const KEY_BYTES = 32;

export function makePlainKeys(): PlainKeys {
  const sealingSecret = noblePrimitives.randomBytes(KEY_BYTES);
  const signingSecret = p256.utils.randomSecretKey();
  return {
    kind: 'plain',
    sealingSecret,
    sealingPublic: noblePrimitives.keyPairOf(sealingSecret).publicKey,
    signingSecret,
    signingPublic: p256.getPublicKey(signingSecret, false),
  };
}

/** For one handshake. */
export function plainEphemeral(): DhKeyPair {
  return noblePrimitives.generateKeyPair();
}

/** X25519; throws when `remote` is no usable point. */
export function agreeWithPlain(keys: PlainKeys, remote: Uint8Array): Uint8Array {
  return x25519.getSharedSecret(keys.sealingSecret, remote);
}

/** r ‖ s. WebCrypto does not ask for the smaller of two s, and neither do verifiers here. */
export function signWithPlain(keys: PlainKeys, text: string): Uint8Array {
  return p256.sign(new TextEncoder().encode(text), keys.signingSecret, { lowS: false });
}

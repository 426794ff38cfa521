/**
 * A device's own keys for one host, as they lie in the browser's storage. One pair of pairs for each
 * host, so that two hosts cannot tell that they know the same phone.
 */
export type StoredKeys = WebKeys | PlainKeys;

/**
 * The secrets never leave the browser: a script can use them while it runs in this page and cannot
 * carry them away. What remains: whoever can read the browser's files with the rights of its user.
 */
export interface WebKeys {
  readonly kind: 'web';
  /** X25519, private part non-extractable. */
  readonly sealing: CryptoKeyPair;
  readonly sealingPublic: Uint8Array;
  /** ECDSA P-256, private part non-extractable. */
  readonly signing: CryptoKeyPair;
  readonly signingPublic: Uint8Array;
  /** AES-GCM-256, non-extractable; it wraps the key that is shared with the host. */
  readonly wrapping: CryptoKey;
}

/**
 * Where the browser has no WebCrypto (a page over plain http) or one without X25519: the secrets are
 * bytes in its storage. Weaker: a script that once ran in this page, or whoever copies the storage,
 * can carry them away and be this device until it is revoked.
 */
export interface PlainKeys {
  readonly kind: 'plain';
  readonly sealingSecret: Uint8Array;
  readonly sealingPublic: Uint8Array;
  readonly signingSecret: Uint8Array;
  readonly signingPublic: Uint8Array;
}

/** The key shared with the host since the pairing: wrapped under `wrapping`, or as it is. */
export interface StoredPsk {
  readonly iv: Uint8Array | null;
  readonly bytes: Uint8Array;
}

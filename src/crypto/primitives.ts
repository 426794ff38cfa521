/** A Diffie-Hellman key pair on Curve25519. Only its owner can compute with it; the secret itself need not be readable. */
export interface DhKeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * X25519. The result is the caller's to wipe. Throws or rejects when `remote` is no usable point
   * (the result would be all zeros). Asynchronous where the secret lies in WebCrypto.
   */
  dh(remote: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Forgets the secret where this runtime can. The pair is unusable afterwards. */
  wipe?(): void;
}

/** ChaCha20-Poly1305 (RFC 8439) under one key. */
export interface Aead {
  /** `nonce` has 12 bytes. The result is a new array, 16 bytes longer than `plain`. */
  seal(nonce: Uint8Array, ad: Uint8Array, plain: Uint8Array): Uint8Array;
  /** A new array, or null when it was not sealed with this key, nonce and `ad`. */
  open(nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array | null;
  /** Zeroes its copy of the key; unusable afterwards. */
  wipe(): void;
}

/**
 * What Noise is made from. All variants compute the same bytes; they differ in speed and in where
 * they run. Nothing keeps a reference to an array that was passed in.
 */
export interface SymmetricPrimitives {
  sha256(data: Uint8Array): Uint8Array;
  /** HMAC-SHA256. */
  hmac(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** `key` has 32 bytes and is copied. */
  aead(key: Uint8Array): Aead;
  /** From the system's generator. */
  randomBytes(length: number): Uint8Array;
}

/** As much as a handshake needs. */
export interface HandshakePrimitives extends SymmetricPrimitives {
  /** A fresh pair for one handshake. Asynchronous where WebCrypto makes it. */
  generateKeyPair(): DhKeyPair | Promise<DhKeyPair>;
}

export interface Primitives extends HandshakePrimitives {
  generateKeyPair(): DhKeyPair;
  /** The pair of a stored secret of 32 bytes, which is copied. */
  keyPairOf(secret: Uint8Array): DhKeyPair;
}

export const KEY_BYTES = 32;
export const TAG_BYTES = 16;

import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  getCiphers,
  hash,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { nobleAead } from '../crypto/noble-symmetric.ts';
import {
  KEY_BYTES,
  TAG_BYTES,
  type Aead,
  type DhKeyPair,
  type Primitives,
} from '../crypto/primitives.ts';
import { withSodium } from '../crypto/sodium-primitives.ts';

const CIPHER = 'chacha20-poly1305';
/** From here on OpenSSL is faster than libsodium's WebAssembly, in spite of its costly start (measured). */
const LARGE_BYTES = 3 * 1024;
/** Public keys that were made into an object once; the hosts and devices of one machine, not the ephemerals. */
const MAX_KNOWN_KEYS = 64;
/** RFC 8410 §7, a private key of 32 bytes in PKCS #8. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

/**
 * OpenSSL for keys, hashes and large messages, libsodium for small ones. Electron's node:crypto has no
 * ChaCha20-Poly1305 (BoringSSL); there libsodium seals everything. Loads libsodium once.
 */
export async function nodePrimitives(): Promise<Primitives> {
  const { aead } = await withSodium(opensslPrimitives).catch(() => opensslPrimitives);
  if (!getCiphers().includes(CIPHER)) return { ...opensslPrimitives, aead };
  return { ...opensslPrimitives, aead: (key) => new NodeAead(aead(key), key) };
}

/** What is left where WebAssembly is switched off (`--jitless`): OpenSSL, and an AEAD in JavaScript. */
export const opensslPrimitives: Primitives = {
  generateKeyPair: () => {
    const pair = generateKeyPairSync('x25519');
    return new NodeKeyPair(pair.privateKey, rawPublicKey(pair.publicKey));
  },
  keyPairOf: staticPair,
  sha256: (data) => plain(hash('sha256', data, 'buffer')),
  hmac,
  aead: nobleAead,
  randomBytes: (length) => plain(randomBytes(length)),
};

const BLOCK_BYTES = 64;

/** RFC 2104 on the one-shot hash: a fifth of the time of `createHmac`, of which a handshake needs fifty. */
function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  const short = key.length > BLOCK_BYTES ? hash('sha256', key, 'buffer') : key;
  const inner = new Uint8Array(BLOCK_BYTES + data.length).fill(0x36, 0, BLOCK_BYTES);
  const outer = new Uint8Array(BLOCK_BYTES + 32).fill(0x5c, 0, BLOCK_BYTES);
  for (const [i, byte] of short.entries()) {
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  inner.set(data, BLOCK_BYTES);
  const middle = hash('sha256', inner, 'buffer');
  outer.set(middle, BLOCK_BYTES);
  const result = plain(hash('sha256', outer, 'buffer'));
  middle.fill(0);
  inner.fill(0);
  outer.fill(0);
  return result;
}

/** Not a Buffer: `slice` of a Buffer is no copy, and whoever zeroes one of the two zeroes both. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

function staticPair(secret: Uint8Array): DhKeyPair {
  if (secret.length !== KEY_BYTES) throw new TypeError(`A secret key has ${KEY_BYTES} bytes`);
  const der = Buffer.concat([PKCS8_PREFIX, secret]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return new NodeKeyPair(key, rawPublicKey(createPublicKey(key)));
}

/** As JWK, which is imported ten times faster than DER. */
function rawPublicKey(key: KeyObject): Uint8Array {
  const { x } = key.export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('That is no X25519 key');
  return new Uint8Array(Buffer.from(x, 'base64url'));
}

class NodeKeyPair implements DhKeyPair {
  readonly publicKey: Uint8Array;
  #secret: KeyObject | null;

  constructor(secret: KeyObject, publicKey: Uint8Array) {
    this.#secret = secret;
    this.publicKey = publicKey;
  }

  dh(remote: Uint8Array): Uint8Array {
    if (this.#secret === null) throw new Error('This key was wiped.');
    if (remote.length !== KEY_BYTES) throw new TypeError(`A public key has ${KEY_BYTES} bytes`);
    return plain(diffieHellman({ privateKey: this.#secret, publicKey: publicKeyOf(remote) }));
  }

  /** OpenSSL zeroes the memory when the object is collected; that cannot be hastened. */
  wipe(): void {
    this.#secret = null;
  }
}

const known = new Map<string, KeyObject>();

function publicKeyOf(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('base64url');
  const cached = known.get(x);
  if (cached !== undefined) {
    // Used again, so no ephemeral: it goes to the end of the line.
    known.delete(x);
    known.set(x, cached);
    return cached;
  }
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
  const [oldest] = known.keys();
  if (known.size >= MAX_KNOWN_KEYS && oldest !== undefined) known.delete(oldest);
  known.set(x, key);
  return key;
}

class NodeAead implements Aead {
  readonly #small: Aead;
  readonly #key: Uint8Array;

  constructor(small: Aead, key: Uint8Array) {
    this.#small = small;
    this.#key = key.slice();
  }

  seal(nonce: Uint8Array, ad: Uint8Array, text: Uint8Array): Uint8Array {
    if (text.length < LARGE_BYTES) return this.#small.seal(nonce, ad, text);
    const cipher = createCipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(ad, { plaintextLength: text.length });
    const body = cipher.update(text);
    cipher.final();
    const sealed = new Uint8Array(body.length + TAG_BYTES);
    sealed.set(body);
    sealed.set(cipher.getAuthTag(), body.length);
    return sealed;
  }

  open(nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array | null {
    const length = sealed.length - TAG_BYTES;
    if (length < LARGE_BYTES) return this.#small.open(nonce, ad, sealed);
    const decipher = createDecipheriv(CIPHER, this.#key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(ad, { plaintextLength: length });
    decipher.setAuthTag(sealed.subarray(length));
    const text = plain(decipher.update(sealed.subarray(0, length)));
    try {
      decipher.final();
      return text;
    } catch {
      text.fill(0);
      return null;
    }
  }

  wipe(): void {
    this.#small.wipe();
    this.#key.fill(0);
  }
}

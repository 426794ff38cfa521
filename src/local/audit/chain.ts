import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { canonicalJson } from '../../base/canonical-json.ts';
import type { AuditEntry } from '../../protocol/audit.ts';

export const AUDIT_TAG = 'porchlight audit v1\0';
/** `previous` of the first entry. */
export const NO_ENTRY = '0'.repeat(64);
export const KEY_BYTES = 32;
/** RFC 8410: 32 bytes of a private key in PKCS #8, of a public one in SPKI. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Hex SHA-256 over the canonical JSON of all of an entry but its hash and its signature. */
export function auditHash(entry: Omit<AuditEntry, 'hash' | 'signature'>): string {
  return hash('sha256', canonicalJson(entry), 'hex');
}

/** What is signed of an entry. */
export function signedBytes(entryHash: string): Buffer {
  return Buffer.from(`${AUDIT_TAG}${entryHash}`, 'ascii');
}

/** One key that signs entries. */
export class AuditSigner {
  /** Ed25519, base64url. */
  readonly publicKey: string;
  /** 32 bytes, base64url: for its file and nothing else. */
  readonly secret: string;
  readonly #key: KeyObject;

  private constructor(secret: string) {
    const bytes = Buffer.from(secret, 'base64url');
    if (bytes.length !== KEY_BYTES) throw new TypeError('That is no Ed25519 key.');
    const der = Buffer.concat([PKCS8_PREFIX, bytes]);
    this.#key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    der.fill(0);
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.publicKey = spki.subarray(SPKI_PREFIX.length).toString('base64url');
    this.secret = secret;
  }

  static make(): AuditSigner {
    const { d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    if (d === undefined) throw new TypeError('A new Ed25519 key has no secret.');
    return new AuditSigner(d);
  }

  static of(secret: string): AuditSigner {
    return new AuditSigner(secret);
  }

  /** base64url. */
  sign(entryHash: string): string {
    return sign(null, signedBytes(entryHash), this.#key).toString('base64url');
  }
}

/** A public key as an entry names it; null where that is none. */
export function publicKeyOf(named: unknown): KeyObject | null {
  if (typeof named !== 'string' || !/^[\w-]{43}$/u.test(named)) return null;
  const der = Buffer.concat([SPKI_PREFIX, Buffer.from(named, 'base64url')]);
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

export function isSignedBy(key: KeyObject, entryHash: string, signature: string): boolean {
  return verify(null, signedBytes(entryHash), key, Buffer.from(signature, 'base64url'));
}

/** As {@link isSignedBy}, on a thread of the pool: many at once take less time, and none of this thread's. */
export async function isSignedByLater(
  key: KeyObject,
  entryHash: string,
  signature: string,
): Promise<boolean> {
  return await new Promise((resolve) => {
    verify(
      null,
      signedBytes(entryHash),
      key,
      Buffer.from(signature, 'base64url'),
      (error, isGood) => resolve(error === null && isGood),
    );
  });
}

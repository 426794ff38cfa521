import { nobleSymmetric } from '../../../src/crypto/noble-symmetric.ts';
import type { DhKeyPair } from '../../../src/crypto/primitives.ts';
import { equalBytes } from '../../../src/crypto/equal-bytes.ts';
import type { StoredPsk, WebKeys } from './stored-keys.ts';

const X25519 = { name: 'X25519' };
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const P256_SHA256 = { name: 'ECDSA', hash: 'SHA-256' };
const DH_BITS = 256;
const IV_BYTES = 12;

export async function makeWebKeys(subtle: SubtleCrypto): Promise<WebKeys> {
  const [sealing, signing, wrapping] = await Promise.all([
    subtle.generateKey(X25519, false, ['deriveBits']),
    subtle.generateKey(P256, false, ['sign', 'verify']),
    subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']),
  ]);
  if (!('privateKey' in sealing)) throw new Error('X25519 gave one key where two were asked for');
  const [sealingPublic, signingPublic] = await Promise.all([
    subtle.exportKey('raw', sealing.publicKey),
    subtle.exportKey('raw', signing.publicKey),
  ]);
  return {
    kind: 'web',
    sealing,
    sealingPublic: new Uint8Array(sealingPublic),
    signing,
    signingPublic: new Uint8Array(signingPublic),
    wrapping,
  };
}

/**
 * Whether this browser's own X25519 and P-256 compute what they must: some have one of them in name
 * only. `other`: whom to agree with, by another's code before the keys are used for the first time.
 */
export async function webKeysWork(
  subtle: SubtleCrypto,
  keys: WebKeys,
  other: DhKeyPair,
): Promise<boolean> {
  const [ours, theirs] = await Promise.all([
    webSealingKey(subtle, keys).dh(other.publicKey),
    other.dh(keys.sealingPublic),
  ]);
  const text = 'porchlight self-test';
  const signature = await signWithWeb(subtle, keys, text);
  const verified = await subtle.verify(
    P256_SHA256,
    keys.signing.publicKey,
    signature,
    new TextEncoder().encode(text),
  );
  const psk = nobleSymmetric.randomBytes(32);
  const unwrapped = await unwrapPsk(subtle, keys, await wrapPsk(subtle, keys, psk));
  return (
    equalBytes(ours, theirs) &&
    verified &&
    signature.length === 64 &&
    keys.signingPublic.length === 65 &&
    equalBytes(unwrapped, psk) &&
    !keys.sealing.privateKey.extractable &&
    !keys.signing.privateKey.extractable
  );
}

export function webSealingKey(subtle: SubtleCrypto, keys: WebKeys): DhKeyPair {
  return pairOf(subtle, keys.sealingPublic, keys.sealing.privateKey);
}

/** A pair for one handshake. Only where {@link webKeysWork} has been true. */
export async function webEphemeral(subtle: SubtleCrypto): Promise<DhKeyPair> {
  const pair = await subtle.generateKey(X25519, false, ['deriveBits']);
  if (!('privateKey' in pair)) throw new Error('X25519 gave one key where two were asked for');
  const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  return pairOf(subtle, publicKey, pair.privateKey);
}

function pairOf(subtle: SubtleCrypto, publicKey: Uint8Array, secret: CryptoKey): DhKeyPair {
  return {
    publicKey,
    dh: async (remote) => {
      const other = await subtle.importKey('raw', own(remote), X25519, false, []);
      const bits = await subtle.deriveBits({ ...X25519, public: other }, secret, DH_BITS);
      const shared = new Uint8Array(bits);
      // The standard asks browsers to refuse this; the channel must not depend on it.
      if (shared.every((byte) => byte === 0)) throw new Error('The other key is no usable point');
      return shared;
    },
  };
}

export async function signWithWeb(
  subtle: SubtleCrypto,
  keys: WebKeys,
  text: string,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(
    await subtle.sign(P256_SHA256, keys.signing.privateKey, new TextEncoder().encode(text)),
  );
}

export async function wrapPsk(
  subtle: SubtleCrypto,
  keys: WebKeys,
  psk: Uint8Array,
): Promise<StoredPsk> {
  const iv = own(nobleSymmetric.randomBytes(IV_BYTES));
  const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, keys.wrapping, own(psk));
  return { iv, bytes: new Uint8Array(sealed) };
}

export async function unwrapPsk(
  subtle: SubtleCrypto,
  keys: WebKeys,
  { iv, bytes }: StoredPsk,
): Promise<Uint8Array> {
  if (iv === null) throw new Error('The stored key was not wrapped');
  return new Uint8Array(
    await subtle.decrypt({ name: 'AES-GCM', iv: own(iv) }, keys.wrapping, own(bytes)),
  );
}

/** WebCrypto takes no view of shared memory, and the types say so. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

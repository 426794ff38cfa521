import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { CHANNEL_TAG, channelIdSchema, type ChannelId } from '../protocol/relay.ts';

const UNCOMPRESSED_POINT = 4;
const CHANNEL_BYTES = 16;

export function channelOf(hostKey: string): ChannelId {
  const hash = createHash('sha256').update(CHANNEL_TAG).update(Buffer.from(hostKey, 'base64url'));
  return channelIdSchema.parse(hash.digest().subarray(0, CHANNEL_BYTES).toString('base64url'));
}

/** `key`: 32 bytes raw, base64url; `signature`: 64 bytes, base64url. False for whatever is no key. */
export function isSignedByHost(key: string, text: string, signature: string): boolean {
  return isSigned(null, text, signature, () =>
    // As JWK, which is imported ten times faster than DER.
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' }),
  );
}

/** `key`: 65 bytes, uncompressed point, base64url; `signature`: r ‖ s, base64url. */
export function isSignedByDevice(key: string, text: string, signature: string): boolean {
  return isSigned('sha256', text, signature, () => {
    const point = Buffer.from(key, 'base64url');
    if (point[0] !== UNCOMPRESSED_POINT) throw new Error('Not an uncompressed point.');
    const x = point.subarray(1, 33).toString('base64url');
    const y = point.subarray(33).toString('base64url');
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  });
}

function isSigned(
  hash: string | null,
  text: string,
  signature: string,
  makeKey: () => KeyObject,
): boolean {
  try {
    const key = { key: makeKey(), dsaEncoding: 'ieee-p1363' } as const;
    return verify(hash, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  } catch {
    // A point off the curve, a key of the wrong length: nobody has signed with that.
    return false;
  }
}

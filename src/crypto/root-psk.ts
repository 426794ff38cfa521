import { concat, utf8 } from './bytes.ts';
import { hkdf } from './hkdf.ts';
import { KEY_BYTES, type Primitives } from './primitives.ts';

/**
 * The key that host and device share from their pairing on, 32 bytes. `offerSecret` is the secret of
 * the code that was scanned: it never crossed the relay, so what a relay recorded stays closed even to
 * one who can break X25519. `handshakeHash` binds it to this pairing.
 */
export function rootPsk(
  primitives: Pick<Primitives, 'hmac'>,
  offerSecret: Uint8Array,
  handshakeHash: Uint8Array,
): Uint8Array {
  const secret = concat(offerSecret, handshakeHash);
  const psk = hkdf(primitives, {
    salt: utf8('porchlight/1'),
    secret,
    info: utf8('root psk'),
    length: KEY_BYTES,
  });
  secret.fill(0);
  return psk;
}

import { concat } from './bytes.ts';
import type { Primitives } from './primitives.ts';

type Hmac = Pick<Primitives, 'hmac'>;
const HASH_BYTES = 32;

/** HKDF-Expand (RFC 5869 §2.3) with HMAC-SHA256; `prk` has 32 bytes, `length` at most 8160. */
export function hkdfExpand(
  { hmac }: Hmac,
  prk: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  if (length > 255 * HASH_BYTES) throw new RangeError(`${length} bytes are more than HKDF gives`);
  const out = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let at = 0, n = 1; at < length; at += HASH_BYTES, n += 1) {
    const input = concat(block, info, Uint8Array.of(n));
    block.fill(0);
    block = hmac(prk, input);
    input.fill(0);
    out.set(block.subarray(0, Math.min(HASH_BYTES, length - at)), at);
  }
  block.fill(0);
  return out;
}

/** HKDF (RFC 5869): extract, then expand. */
export function hkdf(
  primitives: Hmac,
  options: { salt: Uint8Array; secret: Uint8Array; info: Uint8Array; length: number },
): Uint8Array {
  const prk = primitives.hmac(options.salt, options.secret);
  const out = hkdfExpand(primitives, prk, options.info, options.length);
  prk.fill(0);
  return out;
}

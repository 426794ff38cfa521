import { concat, utf8 } from './bytes.ts';

/** Everything that changes the meaning of a sealed byte changes this number: two versions do not understand each other. */
export const SEAL_VERSION = 1;

/**
 * What both sides must agree on before the first message, as Noise's prologue: version, purpose and
 * the names of the two (channel, device, rendezvous; of a mail its own, and its epoch). Each part is preceded by its length, so that
 * no two lists give the same bytes.
 */
export function prologueOf(
  purpose: 'pairing' | 'session' | 'mail',
  ...names: readonly string[]
): Uint8Array {
  const parts = [purpose, ...names].map((name) => {
    const bytes = utf8(name);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length);
    return concat(length, bytes);
  });
  return concat(utf8('porchlight'), Uint8Array.of(SEAL_VERSION), ...parts);
}

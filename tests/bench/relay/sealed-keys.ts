import { prologueOf } from '../../../src/crypto/prologue.ts';
import type { Primitives } from '../../../src/crypto/primitives.ts';

export const RESUME_EVENTS = 20;

/** Known to both ends, as after a pairing. */
export function sealedKeys(primitives: Primitives) {
  const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value);
  return {
    host: primitives.keyPairOf(bytes(1)),
    device: primitives.keyPairOf(bytes(2)),
    psk: bytes(3),
    prologue: prologueOf('session', 'bench'),
  };
}

import { noblePrimitives } from '../../../src/crypto/noble-primitives.ts';
import { makePlainKeys } from './plain-keys.ts';
import type { PlainKeys, StoredKeys } from './stored-keys.ts';
import { makeWebKeys, webKeysWork } from './web-keys.ts';

/**
 * The keys of a pairing: the browser's own where it has them and they work, else bytes.
 * `subtle` is undefined in a page over plain http.
 */
export async function makeKeys(subtle: SubtleCrypto | undefined): Promise<StoredKeys> {
  if (subtle !== undefined) {
    try {
      const keys = await makeWebKeys(subtle);
      if (await webKeysWork(subtle, keys, noblePrimitives.generateKeyPair())) return keys;
    } catch {
      // No X25519 (Chrome before 133), or one in name only: the next best.
    }
  }
  return makeBytes();
}

/** Where the browser cannot store the keys that it made itself. */
export function makeBytes(): PlainKeys {
  return makePlainKeys();
}

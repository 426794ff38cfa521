import { noblePrimitives } from '../../../src/crypto/noble-primitives.ts';
import type { DhKeyPair } from '../../../src/crypto/primitives.ts';
import type { StoredKeys, StoredPsk } from './stored-keys.ts';
import {
  makeWebKeys,
  signWithWeb,
  unwrapPsk,
  webKeysWork,
  webSealingKey,
  wrapPsk,
} from './web-keys.ts';

/** Keys in use. */
export interface OwnKeys {
  readonly sealing: DhKeyPair;
  /** ECDSA P-256 with SHA-256 over the text's UTF-8, r ‖ s. */
  sign(text: string): Promise<Uint8Array>;
  wrap(psk: Uint8Array): Promise<StoredPsk>;
  unwrap(psk: StoredPsk): Promise<Uint8Array>;
}

/**
 * The keys of a pairing: the browser's own where it has them and they work, else bytes.
 * `subtle` is undefined in a page over plain http.
 */
export async function makeKeys(subtle: SubtleCrypto | undefined): Promise<StoredKeys> {
  if (subtle !== undefined) {
    try {
      const keys = await makeWebKeys(subtle);
      if (await webKeysWork(subtle, keys)) return keys;
    } catch {
      // No X25519 (Chrome before 133), or one in name only: the next best.
    }
  }
  return await makeBytes();
}

/** Whether keys that came out of the storage can still be used. */
export async function keysWork(
  keys: StoredKeys,
  subtle: SubtleCrypto | undefined,
): Promise<boolean> {
  if (keys.kind === 'plain') return true;
  return subtle !== undefined && (await webKeysWork(subtle, keys).catch(() => false));
}

/** Where the browser cannot store the keys that it made itself. */
export async function makeBytes(): Promise<StoredKeys> {
  return (await import('./plain-keys.ts')).makePlainKeys();
}

export function keysInUse(keys: StoredKeys, subtle: SubtleCrypto | undefined): OwnKeys {
  if (keys.kind === 'plain')
    return {
      sealing: noblePrimitives.keyPairOf(keys.sealingSecret),
      sign: async (text) => (await import('./plain-keys.ts')).signWithPlain(keys, text),
      wrap: async (psk) => ({ iv: null, bytes: psk.slice() }),
      unwrap: async ({ bytes }) => bytes.slice(),
    };
  if (subtle === undefined)
    throw new Error(
      'The keys of this phone need a secure page (https). Open the address it was paired with.',
    );
  return {
    sealing: webSealingKey(subtle, keys),
    sign: (text) => signWithWeb(subtle, keys, text),
    wrap: (psk) => wrapPsk(subtle, keys, psk),
    unwrap: (psk) => unwrapPsk(subtle, keys, psk),
  };
}

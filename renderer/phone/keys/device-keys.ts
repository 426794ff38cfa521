import type { DhKeyPair } from '../../../src/crypto/primitives.ts';
import type { StoredKeys, StoredPsk } from './stored-keys.ts';
import {
  signWithWeb,
  unwrapPsk,
  webEphemeral,
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

/** Whether keys that came out of the storage can still be used. */
export async function keysWork(
  keys: StoredKeys,
  subtle: SubtleCrypto | undefined,
): Promise<boolean> {
  if (keys.kind === 'plain') return true;
  if (subtle === undefined) return false;
  const works = async (): Promise<boolean> =>
    await webKeysWork(subtle, keys, await webEphemeral(subtle));
  return await works().catch(() => false);
}

export function keysInUse(keys: StoredKeys, subtle: SubtleCrypto | undefined): OwnKeys {
  if (keys.kind === 'plain')
    return {
      sealing: {
        publicKey: keys.sealingPublic,
        dh: async (remote) => (await import('./plain-keys.ts')).agreeWithPlain(keys, remote),
      },
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

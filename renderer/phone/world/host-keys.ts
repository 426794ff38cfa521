import type { DeviceKeys } from '../../../src/connection/device/ports.ts';
import { ConnectionRefused } from '../../../src/connection/refusals.ts';
import { KEY_BYTES } from '../../../src/crypto/primitives.ts';
import { phoneApp as words } from '../../strings/phone-app.ts';
import { keysInUse, keysWork } from '../keys/device-keys.ts';
import type { Hosts } from '../store/hosts.ts';
import type { StoredHost } from '../store/schema.ts';

/**
 * The keys of one host, ready for use. Where the browser has lost them (it was put back from a
 * backup, say) what is kept of the host still shows, and the link says that it must be paired anew.
 */
export async function hostKeys(
  stored: StoredHost,
  hosts: Pick<Hosts, 'keysOf' | 'nextCounter'>,
  subtle: SubtleCrypto | undefined,
): Promise<{ readonly keys: DeviceKeys; readonly areWeb: boolean }> {
  const { hostId, relay, grant, hostKey, psk } = stored;
  const kept = await hosts.keysOf(hostId);
  const known = { relay, grant, hostKey };
  if (kept === null || !(await keysWork(kept, subtle))) {
    const refuse = (): Promise<never> =>
      Promise.reject(new ConnectionRefused(words.keysGone(stored.name)));
    const sealing = { publicKey: new Uint8Array(KEY_BYTES), dh: refuse };
    const keys = { ...known, sealing, sign: refuse, rootPsk: refuse, nextCounter: refuse };
    return { keys, areWeb: false };
  }
  const own = keysInUse(kept, subtle);
  return {
    keys: {
      ...known,
      sealing: own.sealing,
      sign: (text) => own.sign(text),
      rootPsk: async () => await own.unwrap(psk),
      nextCounter: async () => await hosts.nextCounter(hostId),
    },
    areWeb: kept.kind === 'web',
  };
}

import { join } from 'node:path';
import { toBase64url } from '../../src/base/base64url.ts';
import type { DeviceKeys } from '../../src/connection/device/ports.ts';
import { DeviceBook } from '../../src/host/devices/device-book.ts';
import { HostKeys } from '../../src/host/devices/host-keys.ts';
import type { Home } from '../../src/local/home.ts';
import type { Role } from '../../src/protocol/devices.ts';
import { DeviceIdentity, primitives, type StoredIdentity } from './device-identity.ts';

/**
 * Writes a device into the home's book, as pairing would have; the host must not run. `via` is the
 * relay's address for the host, `relay` the one for the device.
 */
export function enrol(
  home: Home,
  { name, role, via, relay }: { name: string; role: Role; via: string; relay: string },
): { keys: DeviceKeys; stored: StoredIdentity } {
  const identity = new DeviceIdentity();
  const hostKeys = HostKeys.open(join(home.root, 'keys.json'));
  const book = new DeviceBook({ path: join(home.root, 'devices.json'), now: () => new Date() });
  const rootPsk = primitives.randomBytes(32);
  const { id, signingKey, epoch } = book.add({
    ...{ name, role, via: 'relay', relay: via },
    publicKey: toBase64url(identity.sealing().publicKey),
    signingKey: toBase64url(identity.signingKey),
    rootPsk: toBase64url(rootPsk),
  });
  const grant = hostKeys.grant(id, signingKey, epoch);
  const hostKey = primitives.keyPairOf(hostKeys.sealingSecret).publicKey;
  const host = { relay, grant, hostKey, rootPsk };
  return { keys: identity.keysOf(host), stored: identity.stored(host) };
}

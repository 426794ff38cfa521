import { userInfo } from 'node:os';
import type { AuditWho } from '../../protocol/audit.ts';
import { MAX_PERSON_CHARS } from '../../protocol/devices.ts';
import { byOfDevice, type NamedDevice } from '../devices/by-device.ts';

/** Nobody in person: the host by a rule or a policy, an agent by itself. */
const NOBODY: ReadonlySet<string> = new Set(['host', 'agent']);

/** Who stands behind a `by` of an event. */
export function whoIs(
  by: string,
  devices: readonly (NamedDevice & { readonly person?: string | undefined })[],
  owner: string,
): AuditWho {
  if (NOBODY.has(by)) return { surface: by };
  const device = devices.find((each) => byOfDevice(each) === by);
  if (device === undefined) return { surface: by, person: owner };
  const { id, name, person } = device;
  return { surface: by, device: { id, name }, person: person ?? owner };
}

/** The account that the host runs as: whose everything is that nobody says otherwise of. */
export function ownerName(): string {
  try {
    return userInfo().username.slice(0, MAX_PERSON_CHARS) || 'owner';
  } catch {
    // A user id without an account, as in some containers.
    return 'owner';
  }
}

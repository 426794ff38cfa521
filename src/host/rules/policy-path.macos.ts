import type { PolicyPlace } from './policy-path.ts';

/** Files of MDM profiles and of administrators stand here; /Library itself may be written by admins. */
export function macosPolicy(): PolicyPlace {
  return {
    path: '/Library/Application Support/Porchlight/policy.json',
    keepers: { owners: [0], ownGroup: null },
  };
}

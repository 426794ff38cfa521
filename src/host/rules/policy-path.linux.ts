import type { PolicyPlace } from './policy-path.ts';

export function linuxPolicy(): PolicyPlace {
  return { path: '/etc/porchlight/policy.json', keepers: { owners: [0], ownGroup: null } };
}

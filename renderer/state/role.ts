import type { LinkState } from '../../src/connection/reconnect.ts';
import { ROLES, type Role } from '../../src/protocol/devices.ts';
import { useHost, useWorld } from './host-context.tsx';

/** What this surface may do: the host says it in its hello; before that, what was `known` of it. */
export function roleIn(link: LinkState, known: Role | undefined): Role {
  if (link.kind === 'up') return link.hello.device?.role ?? 'operator';
  return known ?? 'operator';
}

/** Whether this surface may do what takes at least `least`. A local surface is an operator. */
export function useMay(least: Role): boolean {
  const { knownRole } = useWorld();
  const role = useHost(({ link }) => roleIn(link, knownRole));
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

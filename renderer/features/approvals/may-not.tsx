import type { Role } from '../../../src/protocol/devices.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { en } from '../../strings/en.ts';

const t = en.approvals;

/** Why this surface cannot decide now; null when it can. */
export type CannotDecide = 'role' | 'away' | null;

export function useCannotDecide(least: Role = 'approver'): CannotDecide {
  const { surface } = useWorld();
  const isAllowed = useMay(least);
  const isUp = useHost((host) => host.link.kind === 'up');
  if (!isAllowed) return 'role';
  // A host on the same machine is back within a moment, and its banner stands above the cards.
  return isUp || surface !== 'phone' ? null : 'away';
}

/** Instead of the buttons, or above them. */
export function CannotDecideNote({ why }: { readonly why: CannotDecide }) {
  if (why === null) return null;
  return (
    <p className="card-may-not" role="status">
      {why === 'role' ? t.mayOnlyLook : t.away}
    </p>
  );
}

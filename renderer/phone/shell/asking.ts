import type { HostState } from '../../state/host-state.ts';

/** How many things ask for the person now; null: the host is not there to say it. */
export function asking({
  link,
  deskReady,
  attention,
  approvals,
}: Pick<HostState, 'link' | 'deskReady' | 'attention' | 'approvals'>): number | null {
  if (link.kind !== 'up' || !deskReady) return null;
  // An older host tells of approvals alone.
  if (attention === null) return approvals.length;
  // What is to be decided asks until it is; all else until somebody has seen it.
  return attention.items.filter((item) => item.seenAt === null || item.approvalId !== undefined)
    .length;
}

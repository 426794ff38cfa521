import { lazy, Suspense, useMemo, useState } from 'react';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import { useHost } from '../../state/host-context.tsx';
import { decide as d } from '../../strings/decide.ts';
import { Button } from '../../ui/button.tsx';
import { visibleLine } from '../../../src/base/visible-text.ts';
import { withKeys } from '../keyboard/platform.ts';
import { useCannotDecide } from '../approvals/may-not.tsx';
import { batchGroups } from './batch-groups.ts';
import './batch.css';

const t = d.batch;

const BatchList = lazy(async () => ({ default: (await import('./batch-list.tsx')).BatchList }));

/** The list had the focus: what stands where it stood takes it. */
function toNext(): void {
  const next = document.querySelector<HTMLElement>('#batch, [data-open="true"]');
  (next ?? document.getElementById('composer'))?.focus();
}

/** Above several cards of one kind: the way to decide them with one look at their list. */
export function BatchBar({ approvals }: { readonly approvals: readonly Approval[] }) {
  const sessions = useHost((host) => host.sessions);
  const cannot = useCannotDecide();
  const groups = useMemo(() => {
    const cwdOf = (id: SessionId): string | undefined =>
      sessions.find((session) => session.id === id)?.cwd;
    return batchGroups(approvals, cwdOf);
  }, [approvals, sessions]);
  /** What the list was opened with: it stays while its members are decided. */
  const [open, setOpen] = useState<(typeof groups)[number] | null>(null);
  if (cannot !== null || (groups.length === 0 && open === null)) return null;
  if (open !== null)
    return (
      <Suspense fallback={null}>
        <BatchList
          key={open.key}
          group={open}
          approvals={approvals}
          onClose={() => {
            setOpen(null);
            requestAnimationFrame(toNext);
          }}
        />
      </Suspense>
    );
  return (
    <div className="batch-bar" role="group" aria-label={t.label}>
      {groups.map((group, i) => (
        <Button
          key={group.key}
          onClick={() => setOpen(group)}
          {...(i === 0 && { id: 'batch', ...withKeys('batch') })}
        >
          {t.open(group.approvals.length, t.kinds[group.kind][1], visibleLine(group.under))}
        </Button>
      ))}
    </div>
  );
}

import { useCallback } from 'react';
import { useHost } from '../../state/host-context.tsx';
import { en } from '../../strings/en.ts';
import { risk as r } from '../../strings/risk.ts';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { commandOf, toolIcon } from '../transcript/tool-words.ts';
import type { ApprovalCardProps } from './card-props.ts';
import type { Ending } from './settled.ts';

const t = en.approvals;

/** One calm line, so that what is still open comes into view; how far the decision has come is told. */
export function SettledCard({
  approval,
  ending,
  heightPx,
}: Pick<ApprovalCardProps, 'approval'> & {
  readonly ending: Ending;
  /** Of the open card: a phone keeps it, so that no other button slides under the finger. */
  readonly heightPx: number;
}) {
  const receipt = useHost(({ receipts }) => receipts[approval.id]);
  const keepHeight = useCallback(
    (element: HTMLElement | null) => element?.style.setProperty('--was', `${heightPx}px`),
    [heightPx],
  );
  return (
    <article
      ref={keepHeight}
      className="card card-settled"
      data-approval={approval.id}
      role="status"
    >
      <Icon name={toolIcon(approval.kind)} />
      <p className="card-done">
        <Shown text={commandOf(approval.call.input) ?? approval.title} />
      </p>
      <p className="card-ending">
        <Shown text={ending.words} />
        {receipt !== undefined && (
          <span className="card-receipt">{` · ${r.receipts[receipt]}`}</span>
        )}
      </p>
      {ending.reason !== undefined && (
        <p className="card-because">
          <Shown text={t.reasonWas(ending.reason)} />
        </p>
      )}
    </article>
  );
}

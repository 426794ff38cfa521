import { useState } from 'react';
import { useMay } from '../../state/role.ts';
import { decide as t } from '../../strings/decide.ts';
import { Button } from '../../ui/button.tsx';
import { AlwaysForm } from './always-form.tsx';
import type { ApprovalCardProps } from './card-props.ts';
import { EditForm } from './edit-form.tsx';
import { Offers } from './offers.tsx';
import { ReasonForm } from './reason-form.tsx';
import type { Decide } from './use-decide.ts';
import '../../ui/field.css';
import './more-acts.css';

export interface PanelProps extends Pick<ApprovalCardProps, 'approval' | 'mayDecide'> {
  readonly decide: Decide;
  readonly onBack: () => void;
}

type Panel = 'always' | 'reason' | 'edit' | 'offers';
const PANELS = {
  always: AlwaysForm,
  reason: ReasonForm,
  edit: EditForm,
  offers: Offers,
} satisfies Record<Panel, unknown>;

/** What is decided seldom: a rule, a reason, another call, the agent's own options. */
export function MoreActs({
  onPanel,
  ...props
}: Pick<ApprovalCardProps, 'approval' | 'mayDecide'> & {
  readonly decide: Decide;
  /** While one is open it stands in the place of the card's buttons. */
  readonly onPanel: (isOpen: boolean) => void;
}) {
  const [panel, setPanel] = useState<Panel | null>(null);
  const isOperator = useMay('operator');
  const { approval } = props;
  const canAllow = approval.options.some(({ kind }) => kind === 'allow_once');
  const open = (next: Panel | null): void => {
    setPanel(next);
    onPanel(next !== null);
  };
  if (panel !== null) {
    const Part = PANELS[panel];
    const onBack = (): void => {
      // Its own button goes with it: the card keeps the focus.
      document.querySelector<HTMLElement>(`[data-approval="${approval.id}"][data-open]`)?.focus();
      open(null);
    };
    return <Part {...props} onBack={onBack} />;
  }
  const possible: readonly Panel[] = [
    ...(isOperator && canAllow ? (['always'] as const) : []),
    'reason',
    ...(isOperator ? (['edit'] as const) : []),
    ...(approval.options.length > 0 ? (['offers'] as const) : []),
  ];
  return (
    <div className="card-acts card-more" role="group" aria-label={t.more.label}>
      {possible.map((name) => (
        <Button key={name} look="quiet" onClick={() => open(name)}>
          {t.more[name]}
        </Button>
      ))}
    </div>
  );
}

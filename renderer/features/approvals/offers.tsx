import { en } from '../../strings/en.ts';
import { decide as d } from '../../strings/decide.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import type { PanelProps } from './more-acts.tsx';
import { PanelFoot } from './panel-foot.tsx';

const t = d.offers;

/** The agent's own wording: what its standing options mean is its promise, not ours. */
export function Offers({ approval, decide, onBack }: PanelProps) {
  return (
    <div className="card-panel" role="group" aria-label={t.title}>
      <h3>{t.title}</h3>
      <ul role="list" className="offers">
        {approval.options.map(({ optionId, name, kind }) => (
          <li key={optionId}>
            <Button
              disabled={decide.isSending}
              onClick={() => void decide.send({ optionId, allows: kind.startsWith('allow') })}
            >
              <Shown text={name} />
            </Button>
            <p className="field-hint">
              {en.approvals.options[kind] ?? <Shown text={kind} />}.{' '}
              {kind.endsWith('_once') ? t.once : t.standing}
            </p>
          </li>
        ))}
      </ul>
      <PanelFoot onBack={onBack} />
    </div>
  );
}

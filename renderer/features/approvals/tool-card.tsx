import { lazy, Suspense, useState } from 'react';
import type { Approval } from '../../../src/protocol/approval/approval.ts';
import { en } from '../../strings/en.ts';
import { risk as r } from '../../strings/risk.ts';
import { Button } from '../../ui/button.tsx';
import { Shown } from '../../ui/shown.tsx';
import { shortPath } from '../diff/short-path.ts';
import { withKeys } from '../keyboard/platform.ts';
import { CallFacts, isCareful } from './call-facts.tsx';
import { CallView } from './call-view.tsx';
import type { ApprovalCardProps } from './card-props.ts';
import { CannotDecideNote, useCannotDecide } from './may-not.tsx';
import { useDecide } from './use-decide.ts';

const t = en.approvals;

const MoreActs = lazy(async () => ({ default: (await import('./more-acts.tsx')).MoreActs }));

/** A tool call: all of it, and two buttons; the rest is behind a third. */
export function ToolCard(props: ApprovalCardProps) {
  const { approval, cwd, Diff, mayDecide } = props;
  const decide = useDecide(props);
  const cannot = useCannotDecide(approval.decider?.role);
  const [stage, setStage] = useState<'plain' | 'more' | 'panel' | 'sure'>('plain');
  const level = approval.risk?.level;
  const off = decide.isSending || cannot !== null;
  const canAllow = approval.options.some(({ kind }) => kind === 'allow_once');
  const allow = (): void => void decide.send({ allow: true });
  return (
    <div className="card-body">
      {!saysNothingNew(approval, cwd) && (
        <p className="card-title">
          <Shown text={approval.title} />
        </p>
      )}
      <CallView approval={approval} cwd={cwd} Diff={Diff} />
      <CallFacts approval={approval} cwd={cwd} />
      {decide.problem !== null && (
        <p className="card-problem" role="alert">
          <Shown text={decide.problem} />
        </p>
      )}
      <CannotDecideNote why={cannot} />
      {cannot !== 'role' && stage === 'sure' && isCareful(level) && (
        <div className="card-sure" role="group" aria-label={r.sure[level]}>
          <p>{r.sure[level]}</p>
          {/* Where "Allow" was is what changes nothing. */}
          <div className="card-acts">
            <Button
              ref={focused}
              onClick={({ currentTarget }) => {
                toCard(currentTarget);
                setStage('plain');
              }}
            >
              {r.sureNot}
            </Button>
            <span className="card-gap" />
            <Button look="danger" disabled={off} onClick={allow}>
              {r.sureDo}
            </Button>
          </div>
        </div>
      )}
      {cannot !== 'role' && (stage === 'plain' || stage === 'more') && (
        <div className="card-acts">
          <Button
            look={isCareful(level) ? 'plain' : 'decide'}
            data-decides="allow"
            disabled={off || !canAllow}
            onClick={() => (isCareful(level) ? mayDecide() && setStage('sure') : allow())}
            {...withKeys('allow')}
          >
            {t.allow}
          </Button>
          <Button
            data-decides="deny"
            disabled={off}
            onClick={() => void decide.send({ allow: false })}
            {...withKeys('deny')}
          >
            {t.deny}
          </Button>
          <span className="card-gap" />
          <Button
            look="quiet"
            disabled={off}
            aria-expanded={stage === 'more'}
            onClick={() => setStage(stage === 'more' ? 'plain' : 'more')}
          >
            {stage === 'more' ? r.less : r.more}
          </Button>
        </div>
      )}
      {cannot !== 'role' && (stage === 'more' || stage === 'panel') && (
        <Suspense fallback={<p role="status">{en.app.loading}</p>}>
          <MoreActs
            {...props}
            decide={decide}
            onPanel={(isOpen) => setStage(isOpen ? 'panel' : 'more')}
          />
        </Suspense>
      )}
    </div>
  );
}

/** What had the focus is about to go: its card keeps it, so that the keys go on working. */
function toCard(button: HTMLElement): void {
  button.closest<HTMLElement>('[data-approval]')?.focus();
}

function focused(button: HTMLButtonElement | null): void {
  button?.focus();
}

/** A title that only repeats the command, or names the one file whose diff is shown. */
function saysNothingNew({ title, call }: Approval, cwd: string | undefined): boolean {
  const plain = title.replaceAll('`', '').trim();
  const [diff] = call.diff;
  if (diff !== undefined && call.diff.length === 1 && plain.endsWith(shortPath(diff.path, cwd)))
    return true;
  return (
    plain === '' || JSON.stringify(call.input ?? '').includes(JSON.stringify(plain).slice(1, -1))
  );
}

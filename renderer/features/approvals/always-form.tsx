import { useEffect, useState } from 'react';
import { ruleText } from '../../../src/protocol/rules/rule-text.ts';
import type { RuleProposal } from '../../../src/protocol/rules/rule.ts';
import { useHost, useWorld } from '../../state/host-context.tsx';
import { decide as d } from '../../strings/decide.ts';
import { Shown } from '../../ui/shown.tsx';
import { RuleFields } from '../rules/rule-fields.tsx';
import { fieldsOf, formOf, ruleOf } from '../rules/rule-form.ts';
import { isCareful } from './call-facts.tsx';
import type { PanelProps } from './more-acts.tsx';
import { PanelFoot } from './panel-foot.tsx';

const t = d.always;

/** "Always": the rules that the host proposes, narrowest first, to be changed before one is saved. */
export function AlwaysForm(props: PanelProps) {
  const { approval, onBack } = props;
  const { link } = useWorld();
  const [proposals, setProposals] = useState<readonly RuleProposal[] | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    let isShown = true;
    link.call('rules.propose', { approvalId: approval.id }).then(
      (answer) => isShown && setProposals(answer.proposals),
      (error: unknown) =>
        isShown && setFailure(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      isShown = false;
    };
  }, [link, approval.id]);
  if (proposals !== null && proposals.length > 0)
    return <Editor {...props} proposals={proposals} />;
  return (
    <div className="card-panel">
      <h3>{t.title}</h3>
      {failure === null ? (
        <p role="status">{proposals === null ? t.loading : t.none}</p>
      ) : (
        <p className="card-problem" role="alert">
          {t.failed} <Shown text={failure} />
        </p>
      )}
      <PanelFoot onBack={onBack} />
    </div>
  );
}

function Editor({
  approval,
  decide,
  onBack,
  proposals,
}: PanelProps & { readonly proposals: readonly RuleProposal[] }) {
  const session = useHost(({ sessions }) => sessions.find(({ id }) => id === approval.sessionId));
  const [chosen, setChosen] = useState(0);
  const base = proposals[chosen]?.rule ?? { decision: 'allow' as const };
  const [form, setForm] = useState(() => formOf(base));
  // The moment at which "one hour" began: a line that changes while it is read cannot be checked.
  const [nowMs, setNowMs] = useState(() => Date.now());
  const folder = base.folder ?? session?.cwd ?? approval.cwd;
  const made = ruleOf(base, form, { sessionId: approval.sessionId, folder, nowMs });
  return (
    <form
      className="card-panel"
      onSubmit={(event) => {
        event.preventDefault();
        if (made.ok) void decide.send({ allow: true, rule: made.rule });
      }}
    >
      <h3>{t.title}</h3>
      <fieldset className="choices">
        <legend className="field-label">{t.which}</legend>
        {proposals.map(({ text, means, rule }, i) => (
          <label key={text} className="tick">
            <input
              type="radio"
              name={`rule-${approval.id}`}
              checked={i === chosen}
              autoFocus={i === 0}
              onChange={() => {
                setChosen(i);
                setForm(formOf(rule));
              }}
            />
            <span>
              <Shown text={means} />
            </span>
          </label>
        ))}
      </fieldset>
      <RuleFields
        fields={fieldsOf(base)}
        form={form}
        made={made}
        hasSession
        folder={folder}
        onChange={(next) => {
          setNowMs(Date.now());
          setForm(next);
        }}
      />
      {made.ok && (
        <div>
          <span className="field-label">{t.reads}</span>
          <p className="rule-reads code" role="status">
            <Shown text={ruleText(made.rule)} />
          </p>
        </div>
      )}
      {isCareful(approval.risk?.level) && <p className="field-hint">{t.sure}</p>}
      <PanelFoot send={t.save} disabled={decide.isSending || !made.ok} onBack={onBack} />
    </form>
  );
}

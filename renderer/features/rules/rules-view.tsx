import { useState } from 'react';
import { useMay } from '../../state/role.ts';
import { rules as t } from '../../strings/rules.ts';
import { Button } from '../../ui/button.tsx';
import { Icon } from '../../ui/icon.tsx';
import { Shown } from '../../ui/shown.tsx';
import { AddRule } from './add-rule.tsx';
import { CheckRules } from './check-rules.tsx';
import { RuleFiles } from './rule-files.tsx';
import { RuleList } from './rule-list.tsx';
import { useRules } from './use-rules.ts';
import './rules.css';

/** What runs without asking, what never does, where that stands; and what would happen to a call. */
export function RulesView() {
  const { list, failure, acts } = useRules();
  const isOperator = useMay('operator');
  const [isAdding, setAdding] = useState(false);
  return (
    <div className="rules">
      <p className="field-hint">{t.order}</p>
      {failure !== null && (
        <p className="field-problem" role="alert">
          {t.failed} <Shown text={failure} />
        </p>
      )}
      {list === null && failure === null && <p role="status">{t.loading}</p>}
      {isAdding ? (
        <AddRule acts={acts} onClose={() => setAdding(false)} />
      ) : (
        isOperator && (
          <div className="rule-acts">
            <Button data-first-focus icon={<Icon name="plus" />} onClick={() => setAdding(true)}>
              {t.add}
            </Button>
          </div>
        )
      )}
      {list !== null && (
        <>
          <RuleList rows={list.rules} acts={acts} />
          <RuleFiles files={list.files} rows={list.rules} acts={acts} />
        </>
      )}
      <CheckRules />
    </div>
  );
}

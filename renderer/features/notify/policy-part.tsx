import { useState } from 'react';
import { ATTENTION_KINDS } from '../../../src/protocol/attention.ts';
import { useMay } from '../../state/role.ts';
import { attention } from '../../strings/attention.ts';
import { notify } from '../../strings/notify.ts';
import { Button } from '../../ui/button.tsx';
import { FieldRow } from '../../ui/field-row.tsx';
import { ActWords } from '../power/act-words.tsx';
import { useAct } from '../power/use-act.ts';
import type { PolicyPartProps } from './kinds-part.tsx';
import { NUMBERS, NUMBER_FIELDS, policyForm, policyOf, type PolicyForm } from './policy-form.ts';

const t = notify.policy;
const ROW = NUMBERS.map((key) => {
  const { name, hint } = NUMBER_FIELDS[key];
  return { key, name, hint, inputMode: 'numeric', maxLength: 6 } as const;
});
const ENDS = (['from', 'to'] as const).map((key) => ({ key, name: t[key], type: 'time' }) as const);

/** When the next place is told, how often again, and when not. In effect once it is saved. */
export function PolicyPart({ policy, set }: PolicyPartProps) {
  const { kinds: _, ...rest } = policy;
  return (
    <section aria-label={t.title}>
      <h3>{t.title}</h3>
      <p className="field-hint">{t.hint}</p>
      {/* Anew when somebody else has changed it: what is saved here must have been seen. */}
      <Fields key={JSON.stringify(rest)} policy={policy} set={set} />
    </section>
  );
}

function Fields({ policy, set }: PolicyPartProps) {
  const isOperator = useMay('operator');
  const [form, setForm] = useState<PolicyForm>(() => policyForm(policy));
  const [isTried, setTried] = useState(false);
  const act = useAct();
  const made = policyOf(form);
  const wrong = isTried && !made.ok ? made : null;
  const change = (some: Partial<PolicyForm>): void => setForm({ ...form, ...some });
  const isSame = JSON.stringify(form) === JSON.stringify(policyForm(policy));
  return (
    <form
      className="notify-form"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!made.ok) return;
        act.run(async () => {
          await set(made.policy);
          return t.saved;
        });
      }}
    >
      <fieldset className="notify-fields" disabled={!isOperator}>
        <legend className="unseen">{t.title}</legend>
        <FieldRow
          fields={ROW}
          values={form}
          isWrong={(field) => wrong?.field === field}
          change={change}
        />
        <label className="tick">
          <input
            type="checkbox"
            checked={form.desktop}
            onChange={({ target }) => change({ desktop: target.checked })}
          />
          <span>{t.desktop}</span>
        </label>
        <label className="tick">
          <input
            type="checkbox"
            checked={form.isQuiet}
            onChange={({ target }) => change({ isQuiet: target.checked })}
          />
          <span>{t.quiet}</span>
        </label>
        {form.isQuiet && (
          <QuietHours form={form} isWrong={wrong?.field === 'quiet'} {...{ change }} />
        )}
      </fieldset>
      {wrong !== null && (
        <p className="field-problem" role="alert">
          {wrong.problem}
        </p>
      )}
      <ActWords act={act} />
      {isOperator && (
        <div className="notify-acts">
          <Button type="submit" disabled={act.isBusy || isSame}>
            {t.save}
          </Button>
        </div>
      )}
    </form>
  );
}

interface QuietHoursProps {
  readonly form: PolicyForm;
  readonly isWrong: boolean;
  readonly change: (some: Partial<PolicyForm>) => void;
}

function QuietHours({ form, isWrong, change }: QuietHoursProps) {
  return (
    <>
      <FieldRow fields={ENDS} values={form} isWrong={() => isWrong} change={change} />
      <fieldset className="notify-except">
        <legend className="field-label">{t.except}</legend>
        {ATTENTION_KINDS.map((kind) => (
          <label key={kind} className="tick">
            <input
              type="checkbox"
              checked={form.except.includes(kind)}
              onChange={({ target }) =>
                change({
                  except: ATTENTION_KINDS.filter((one) =>
                    one === kind ? target.checked : form.except.includes(one),
                  ),
                })
              }
            />
            <span>{attention.kinds[kind]}</span>
          </label>
        ))}
      </fieldset>
    </>
  );
}

import { useState } from 'react';
import type { PowerPolicy } from '../../../src/protocol/power.ts';
import { useWorld } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { newCommandId } from '../../state/uuid.ts';
import { power as t } from '../../strings/power.ts';
import { Button } from '../../ui/button.tsx';
import { FieldRow } from '../../ui/field-row.tsx';
import { ActWords } from './act-words.tsx';
import {
  NUMBER_FIELDS,
  policyForm,
  policyOf,
  type NumberField,
  type PolicyForm,
} from './policy-model.ts';
import { useAct } from './use-act.ts';
import { useChosen } from './use-chosen.ts';

const WAYS = Object.keys(t.policy.words) as PowerPolicy['keepAwake'][];
const ROW = (Object.keys(NUMBER_FIELDS) as NumberField[]).map((key) => {
  const { name, hint, isWhole } = NUMBER_FIELDS[key];
  return { key, name, hint, inputMode: isWhole ? 'numeric' : 'decimal', maxLength: 8 } as const;
});
const ENDS = (['from', 'to'] as const).map(
  (key) => ({ key, name: t.policy[key], type: 'time' }) as const,
);

/** When holds count. Off, idle or lid take effect at once; limits when they are saved. */
export function PolicyPart({ policy }: { readonly policy: PowerPolicy }) {
  const set = useSetPolicy();
  const isOperator = useMay('operator');
  const act = useAct();
  const { shown, choose } = useChosen(policy.keepAwake);
  const [isOpen, setOpen] = useState(false);
  return (
    <section aria-label={t.policy.title}>
      <h3>{t.policy.title}</h3>
      {!isOperator && <p className="power-soft">{t.policy.viewer}</p>}
      <fieldset className="power-ways" disabled={!isOperator}>
        <legend className="unseen">{t.policy.keepAwake}</legend>
        {WAYS.map((way) => (
          <label key={way} className="tick">
            <input
              type="radio"
              name="keep-awake"
              checked={shown === way}
              disabled={act.isBusy}
              onChange={() =>
                act.run(async () => {
                  await choose(way, async () => await set({ keepAwake: way }));
                  return null;
                })
              }
            />
            <span>
              {t.policy.words[way]}
              <span className="power-soft">{t.policy.means[way]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <ActWords act={act} />
      {/* Anew when somebody else has changed it: what is saved here must have been seen. */}
      <details
        className="power-limits"
        onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      >
        <summary>{t.policy.limits}</summary>
        {isOpen && <Limits key={JSON.stringify(policy)} policy={policy} isOperator={isOperator} />}
      </details>
    </section>
  );
}

/** The host answers with the whole policy; `power.changed` says the same a moment later. */
function useSetPolicy(): (policy: Partial<PowerPolicy>) => Promise<void> {
  const { link, store } = useWorld();
  return async (change) => {
    const { policy } = await link.call('power.setPolicy', {
      commandId: newCommandId(),
      policy: change,
    });
    const { power } = store.getState();
    if (power !== null) store.setState({ power: { ...power, policy } });
  };
}

interface LimitsProps {
  readonly policy: PowerPolicy;
  readonly isOperator: boolean;
}

function Limits({ policy, isOperator }: LimitsProps) {
  const set = useSetPolicy();
  const [form, setForm] = useState<PolicyForm>(() => policyForm(policy));
  const [isTried, setTried] = useState(false);
  const act = useAct();
  const made = policyOf(form);
  const wrong = isTried && !made.ok ? made : null;
  const change = (some: Partial<PolicyForm>): void => setForm({ ...form, ...some });
  const isSame = JSON.stringify(form) === JSON.stringify(policyForm(policy));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (!made.ok) return;
        act.run(async () => {
          await set(made.policy);
          return t.policy.saved;
        });
      }}
    >
      <fieldset className="power-fields" disabled={!isOperator}>
        <legend className="unseen">{t.policy.limits}</legend>
        <label className="tick">
          <input
            type="checkbox"
            checked={form.mainsOnly}
            onChange={({ target }) => change({ mainsOnly: target.checked })}
          />
          <span>{t.policy.mainsOnly}</span>
        </label>
        <FieldRow
          fields={ROW}
          values={form}
          isWrong={(field) => wrong?.field === field}
          change={change}
        />
        <label className="tick">
          <input
            type="checkbox"
            checked={form.isQuiet}
            onChange={({ target }) => change({ isQuiet: target.checked })}
          />
          <span>{t.policy.quiet}</span>
        </label>
        {form.isQuiet && (
          <FieldRow
            fields={ENDS}
            values={form}
            isWrong={() => wrong?.field === 'quiet'}
            change={change}
          />
        )}
      </fieldset>
      {wrong !== null && (
        <p className="field-problem" role="alert">
          {wrong.problem}
        </p>
      )}
      <ActWords act={act} />
      {isOperator && (
        <div className="power-acts">
          <Button type="submit" disabled={act.isBusy || isSame}>
            {t.policy.save}
          </Button>
        </div>
      )}
    </form>
  );
}

import { ATTENTION_KINDS, type NotifyPolicy } from '../../../src/protocol/attention.ts';
import { useMay } from '../../state/role.ts';
import { attention } from '../../strings/attention.ts';
import { notify } from '../../strings/notify.ts';
import { ActWords } from '../power/act-words.tsx';
import { useAct } from '../power/use-act.ts';
import { useChosen } from '../power/use-chosen.ts';

const t = notify.kinds;

export interface PolicyPartProps {
  readonly policy: NotifyPolicy;
  readonly set: (policy: Partial<NotifyPolicy>) => Promise<void>;
}

/** One switch a kind, each at once. */
export function KindsPart({ policy, set }: PolicyPartProps) {
  const isOperator = useMay('operator');
  const act = useAct();
  const { shown, choose } = useChosen(policy.kinds);
  return (
    <section aria-label={t.title}>
      <h3>{t.title}</h3>
      <fieldset className="notify-fields" disabled={!isOperator}>
        <legend className="unseen">{t.title}</legend>
        {ATTENTION_KINDS.map((kind) => (
          <label key={kind} className="tick">
            <input
              type="checkbox"
              checked={shown[kind]}
              disabled={act.isBusy}
              onChange={({ target }) => {
                const kinds = { ...shown, [kind]: target.checked };
                act.run(async () => {
                  await choose(kinds, async () => await set({ kinds }));
                  return null;
                });
              }}
            />
            <span className="notify-choice">
              {attention.kinds[kind]}
              <span className="field-hint">{t.hints[kind]}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <ActWords act={act} />
    </section>
  );
}

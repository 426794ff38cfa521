import { useState } from 'react';
import { ATTENTION_KINDS, type NotifyPolicy } from '../../../src/protocol/attention.ts';
import { useHost } from '../../state/host-context.tsx';
import { useMay } from '../../state/role.ts';
import { notify as t } from '../../strings/phone-notify.ts';
import { Button } from '../../ui/button.tsx';
import { policyChange, secondsWords, stepsWith } from './notify-words.ts';

const SEEN_SEC = [10, 30, 60, 120, 300, 900];
const REPEAT_SEC = [60, 300, 600, 1_800];
const REPEATS = [0, 1, 2, 3, 5, 10];
/** Where quiet hours are switched on for the first time. */
const NIGHT = { from: '22:00', to: '07:00' };

interface PolicyPartProps {
  readonly policy: NotifyPolicy;
  /** Rejects in words. */
  save(policy: Partial<NotifyPolicy>): Promise<void>;
}

/** When what is not seen goes on, how often it is said again, and when it is quiet. */
export function PolicyPart({ policy, save }: PolicyPartProps) {
  const isOperator = useMay('operator');
  return isOperator ? <PolicyForm policy={policy} save={save} /> : <PolicyFacts policy={policy} />;
}

function PolicyFacts({ policy }: { readonly policy: NotifyPolicy }) {
  const { seenSec, repeats, repeatSec, quietHours, quietExcept } = policy;
  const quiet = quietHours === null ? t.none : t.quietWords(quietHours.from, quietHours.to);
  const facts = [
    [t.seen, t.seenAfter(secondsWords(seenSec))],
    [t.repeat, t.repeatWords(repeats, secondsWords(repeatSec))],
    [t.quiet, quiet],
    ...(quietHours !== null && quietExcept.length > 0
      ? [[t.quietExcept, quietExcept.map((kind) => t.kinds[kind]).join(', ')]]
      : []),
  ];
  return (
    <>
      <dl className="pairs">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="soft">{t.readOnly}</p>
    </>
  );
}

function PolicyForm({ policy, save }: PolicyPartProps) {
  const isUp = useHost(({ link }) => link.kind === 'up');
  const [form, setForm] = useState(policy);
  const [isSaving, setSaving] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const change = policyChange(policy, form);
  const set = (some: Partial<NotifyPolicy>): void => {
    setForm({ ...form, ...some });
    setProblem(null);
  };
  const { quietHours, quietExcept } = form;
  return (
    <form
      className="notify-policy"
      onSubmit={(event) => {
        event.preventDefault();
        if (change === null) return;
        setSaving(true);
        save(change).then(
          () => setSaving(false),
          (error: unknown) => {
            setSaving(false);
            setProblem(error instanceof Error ? error.message : String(error));
          },
        );
      }}
    >
      <Choice
        label={t.seen}
        value={form.seenSec}
        steps={SEEN_SEC}
        words={(sec) => t.seenAfter(secondsWords(sec))}
        onChange={(seenSec) => set({ seenSec })}
      />
      <Choice
        label={t.repeat}
        value={form.repeats}
        steps={REPEATS}
        words={t.timesWords}
        onChange={(repeats) => set({ repeats })}
      />
      {form.repeats > 0 && (
        <Choice
          label={t.between}
          value={form.repeatSec}
          steps={REPEAT_SEC}
          words={(sec) => t.every(secondsWords(sec))}
          onChange={(repeatSec) => set({ repeatSec })}
        />
      )}
      <label className="tick">
        <input
          type="checkbox"
          checked={quietHours !== null}
          onChange={({ target }) => set({ quietHours: target.checked ? NIGHT : null })}
        />
        <span>{t.quietOn}</span>
      </label>
      {quietHours !== null && (
        <>
          <div className="field-row">
            {(['from', 'to'] as const).map((end) => (
              <label key={end} className="field">
                <span className="field-label">{end === 'from' ? t.quietFrom : t.quietTo}</span>
                <input
                  className="input"
                  type="time"
                  required
                  value={quietHours[end]}
                  onChange={({ target }) =>
                    set({ quietHours: { ...quietHours, [end]: target.value } })
                  }
                />
              </label>
            ))}
          </div>
          <fieldset className="notify-kinds">
            <legend>{t.quietExcept}</legend>
            {ATTENTION_KINDS.map((kind) => (
              <label key={kind} className="tick">
                <input
                  type="checkbox"
                  checked={quietExcept.includes(kind)}
                  onChange={({ target }) =>
                    set({
                      quietExcept: ATTENTION_KINDS.filter((one) =>
                        one === kind ? target.checked : quietExcept.includes(one),
                      ),
                    })
                  }
                />
                <span>{t.kinds[kind]}</span>
              </label>
            ))}
          </fieldset>
        </>
      )}
      {problem !== null && (
        <p className="field-problem" role="alert">
          {t.notSaved(problem)}
        </p>
      )}
      <Button type="submit" disabled={change === null || isSaving || !isUp}>
        {isSaving ? t.saving : t.save}
      </Button>
    </form>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: number;
  readonly steps: readonly number[];
  words(value: number): string;
  onChange(value: number): void;
}

function Choice({ label, value, steps, words, onChange }: ChoiceProps) {
  return (
    <label className="field">
      <span className="field-label">{label}</span>
      <select
        className="select"
        value={value}
        onChange={({ target }) => onChange(Number(target.value))}
      >
        {stepsWith(steps, value).map((step) => (
          <option key={step} value={step}>
            {words(step)}
          </option>
        ))}
      </select>
    </label>
  );
}

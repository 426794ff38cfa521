import { useId } from 'react';
import { decide as d } from '../../strings/decide.ts';
import type { MadeRule, MatchField, RuleForm, RuleLength, RuleWhere } from './rule-form.ts';
import '../../ui/field.css';

const t = d.always;

/** What a rule names, where it holds and for how long. */
export function RuleFields({
  fields,
  form,
  made,
  hasSession,
  folder,
  onChange,
}: {
  readonly fields: readonly MatchField[];
  readonly form: RuleForm;
  readonly made: MadeRule;
  /** Whether it can be bound to one session. */
  readonly hasSession: boolean;
  readonly folder: string | undefined;
  readonly onChange: (form: RuleForm) => void;
}) {
  const id = useId();
  const problemAt = made.ok ? null : made.at;
  const wheres = (Object.keys(t.wheres) as RuleWhere[]).filter(
    (where) => (where !== 'session' || hasSession) && (where !== 'folder' || folder !== undefined),
  );
  return (
    <>
      {fields.map((name) => (
        <label key={name} className="field">
          <span className="field-label">{t[name]}</span>
          <input
            className="input input-code"
            value={form.match[name]}
            spellCheck={false}
            autoCapitalize="off"
            autoCorrect="off"
            aria-invalid={problemAt === name}
            aria-describedby={problemAt === name ? `${id}-problem` : undefined}
            onChange={(event) =>
              onChange({ ...form, match: { ...form.match, [name]: event.target.value } })
            }
          />
        </label>
      ))}
      <div className="field-row">
        <label className="field">
          <span className="field-label">{t.where}</span>
          <select
            className="select"
            value={form.where}
            title={folder}
            onChange={(event) =>
              onChange({
                ...form,
                where: wheres.find((w) => w === event.target.value) ?? 'session',
              })
            }
          >
            {wheres.map((where) => (
              <option key={where} value={where}>
                {t.wheres[where]}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span className="field-label">{t.howLong}</span>
          <select
            className="select"
            value={form.howLong}
            onChange={(event) =>
              onChange({
                ...form,
                howLong: LENGTHS.find((l) => l === event.target.value) ?? 'hour',
              })
            }
          >
            {LENGTHS.map((length) => (
              <option key={length} value={length}>
                {t.howLongs[length]}
              </option>
            ))}
          </select>
        </label>
        {form.howLong === 'times' && (
          <label className="field">
            <span className="field-label">{t.times}</span>
            <input
              className="input"
              inputMode="numeric"
              value={form.times}
              aria-invalid={problemAt === 'times'}
              aria-describedby={problemAt === 'times' ? `${id}-problem` : undefined}
              onChange={(event) => onChange({ ...form, times: event.target.value })}
            />
          </label>
        )}
      </div>
      {!made.ok && (
        <p className="field-problem" id={`${id}-problem`}>
          {t.problems[made.problem]}
        </p>
      )}
    </>
  );
}

const LENGTHS = Object.keys(t.howLongs) as RuleLength[];

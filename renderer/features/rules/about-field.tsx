import { rules as t } from '../../strings/rules.ts';
import { MATCH_FIELDS, type MatchField } from './rule-form.ts';
import '../../ui/field.css';

/** What a rule or a question is about: a command, files, a host or a tool. */
export function AboutField({
  label,
  about,
  text,
  onChange,
}: {
  readonly label: string;
  readonly about: MatchField;
  readonly text: string;
  readonly onChange: (about: MatchField, text: string) => void;
}) {
  return (
    <div className="about-field">
      <label className="field">
        <span className="field-label">{label}</span>
        <select
          className="select"
          value={about}
          onChange={({ target }) =>
            onChange(MATCH_FIELDS.find((name) => name === target.value) ?? 'command', text)
          }
        >
          {MATCH_FIELDS.map((name) => (
            <option key={name} value={name}>
              {t.abouts[name]}
            </option>
          ))}
        </select>
      </label>
      <label className="field about-text">
        <span className="field-label">{t.abouts[about]}</span>
        <input
          className="input input-code"
          value={text}
          placeholder={t.hints[about]}
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          onChange={({ target }) => onChange(about, target.value)}
        />
      </label>
    </div>
  );
}

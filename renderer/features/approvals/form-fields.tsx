import { useId } from 'react';
import { visibleLine } from '../../../src/base/visible-text.ts';
import { Shown } from '../../ui/shown.tsx';
import { assertNever } from '../../../src/base/assert-never.ts';
import { en } from '../../strings/en.ts';
import type { FieldProblem, FieldValue, FormField } from './form-model.ts';
import '../../ui/field.css';

const t = en.approvals;
/** Up to this many choices are all shown; more become a list to open. */
const MAX_SHOWN_CHOICES = 6;

export interface FormFieldsProps {
  readonly fields: readonly FormField[];
  readonly values: Readonly<Record<string, FieldValue>>;
  readonly problems: Readonly<Record<string, FieldProblem>>;
  readonly onChange: (id: string, value: FieldValue) => void;
}

export function FormFields({ fields, values, problems, onChange }: FormFieldsProps) {
  return fields.map((field) => (
    <FieldView
      key={field.id}
      field={field}
      value={values[field.id] ?? ''}
      problem={problems[field.id]}
      onChange={(value) => onChange(field.id, value)}
    />
  ));
}

interface FieldViewProps {
  readonly field: FormField;
  readonly value: FieldValue;
  readonly problem: FieldProblem | undefined;
  readonly onChange: (value: FieldValue) => void;
}

function FieldView({ field, value, problem, onChange }: FieldViewProps) {
  const id = useId();
  const notes = [
    field.hint !== undefined ? `${id}-hint` : '',
    problem !== undefined ? `${id}-problem` : '',
  ]
    .filter(Boolean)
    .join(' ');
  const isGroup =
    field.kind === 'many' || (field.kind === 'one' && field.choices.length <= MAX_SHOWN_CHOICES);
  const label = (
    <>
      <Shown text={field.label} />
      {field.required && <span className="field-required"> ({t.required})</span>}
    </>
  );
  const rest = (
    <>
      {field.hint !== undefined && (
        <span className="field-hint" id={`${id}-hint`}>
          {field.hint}
        </span>
      )}
      <Control
        id={id}
        field={field}
        value={value}
        notes={notes}
        isWrong={problem !== undefined}
        onChange={onChange}
      />
      {problem !== undefined && (
        <span className="field-problem" id={`${id}-problem`}>
          {t.problems[problem]}
        </span>
      )}
    </>
  );
  if (isGroup)
    return (
      <fieldset className="field" data-field aria-describedby={notes || undefined}>
        <legend className="field-label">{label}</legend>
        {rest}
      </fieldset>
    );
  return (
    <div className="field" data-field>
      {field.kind !== 'yesNo' && (
        <label className="field-label" htmlFor={id}>
          {label}
        </label>
      )}
      {rest}
    </div>
  );
}

interface ControlProps extends Pick<FieldViewProps, 'field' | 'value' | 'onChange'> {
  readonly id: string;
  readonly notes: string;
  readonly isWrong: boolean;
}

function Control({ id, field, value, notes, isWrong, onChange }: ControlProps) {
  const common = {
    id,
    className: 'input',
    required: field.required,
    'aria-invalid': isWrong || undefined,
    'aria-describedby': notes || undefined,
  };
  const text = typeof value === 'string' ? value : '';
  switch (field.kind) {
    case 'text':
      return field.long ? (
        <textarea
          {...common}
          rows={2}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      ) : (
        <input
          {...common}
          type={field.input}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'number':
      return (
        <input
          {...common}
          inputMode={field.whole ? 'numeric' : 'decimal'}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'json':
      return (
        <textarea
          {...common}
          className="input code"
          rows={3}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case 'yesNo':
      return (
        <label className="tick">
          <input
            id={id}
            type="checkbox"
            checked={value === true}
            onChange={(event) => onChange(event.target.checked)}
          />
          <span>
            <Shown text={field.label} />
          </span>
        </label>
      );
    case 'one':
      if (field.choices.length > MAX_SHOWN_CHOICES)
        return (
          <select
            {...common}
            className="select"
            value={text}
            onChange={(event) => onChange(event.target.value)}
          >
            <option value="">{t.choose}</option>
            {field.choices.map((choice) => (
              <option key={choice.value} value={choice.value}>
                {visibleLine(choice.name)}
              </option>
            ))}
          </select>
        );
      return field.choices.map((choice) => (
        <label className="tick" key={choice.value}>
          <input
            type="radio"
            name={id}
            value={choice.value}
            checked={text === choice.value}
            onChange={() => onChange(choice.value)}
          />
          <ChoiceWords {...choice} />
        </label>
      ));
    case 'many': {
      const chosen = Array.isArray(value) ? (value as readonly string[]) : [];
      return field.choices.map((choice) => (
        <label className="tick" key={choice.value}>
          <input
            type="checkbox"
            checked={chosen.includes(choice.value)}
            onChange={(event) =>
              onChange(
                event.target.checked
                  ? [...chosen, choice.value]
                  : chosen.filter((one) => one !== choice.value),
              )
            }
          />
          <ChoiceWords {...choice} />
        </label>
      ));
    }
    default:
      return assertNever(field, 'form field');
  }
}

function ChoiceWords({
  name,
  description,
}: {
  readonly name: string;
  readonly description: string | undefined;
}) {
  return (
    <span>
      <Shown text={name} />
      {description !== undefined && (
        <span className="field-hint tick-hint">
          <Shown text={description} />
        </span>
      )}
    </span>
  );
}

import './field.css';

/** One text field of a row. */
export interface RowField<Key extends string> {
  readonly key: Key;
  readonly name: string;
  readonly hint?: string;
  readonly type?: 'time';
  readonly inputMode?: 'numeric' | 'decimal';
  readonly maxLength?: number;
}

interface FieldRowProps<Key extends string> {
  readonly fields: readonly RowField<Key>[];
  readonly values: Readonly<Record<Key, string>>;
  /** What is wrong with these is said elsewhere. */
  isWrong(key: Key): boolean;
  change(some: Partial<Record<Key, string>>): void;
}

/** Text fields beside each other, below each other where there is no room. */
export function FieldRow<Key extends string>({
  fields,
  values,
  isWrong,
  change,
}: FieldRowProps<Key>) {
  return (
    <div className="field-row">
      {fields.map(({ key, name, hint, ...input }) => (
        <label key={key} className="field">
          <span className="field-label">{name}</span>
          <input
            className="input"
            {...input}
            value={values[key]}
            aria-invalid={isWrong(key)}
            // A computed key of one type is more than the compiler follows.
            onChange={({ target }) =>
              change({ [key]: target.value } as Partial<Record<Key, string>>)
            }
          />
          {hint !== undefined && <span className="field-hint">{hint}</span>}
        </label>
      ))}
    </div>
  );
}

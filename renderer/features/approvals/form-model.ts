import { z } from 'zod';

/** What an agent asks for with `elicitation/create`: a flat object of simple fields (ACP, MCP). */
const choiceSchema = z.looseObject({
  const: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
});
const propertySchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  enumNames: z.array(z.string()).optional(),
  oneOf: z.array(choiceSchema).optional(),
  anyOf: z.array(choiceSchema).optional(),
  items: z
    .looseObject({
      enum: z.array(z.string()).optional(),
      enumNames: z.array(z.string()).optional(),
      anyOf: z.array(choiceSchema).optional(),
      oneOf: z.array(choiceSchema).optional(),
    })
    .optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  pattern: z.string().optional(),
  format: z.string().optional(),
});
type Property = z.infer<typeof propertySchema>;

const elicitationSchema = z.looseObject({
  message: z.string().default(''),
  requestedSchema: z
    .looseObject({
      properties: z.record(z.string(), z.unknown()).default({}),
      required: z.array(z.string()).default([]),
    })
    .optional(),
});

export interface Choice {
  readonly value: string;
  readonly name: string;
  readonly description: string | undefined;
}
interface Named {
  readonly id: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly required: boolean;
}
export type FormField = Named &
  (
    | {
        readonly kind: 'text';
        readonly input: 'text' | 'email' | 'url' | 'date' | 'datetime-local';
        readonly long: boolean;
        readonly minLength: number;
        readonly maxLength: number;
      }
    | {
        readonly kind: 'number';
        readonly whole: boolean;
        readonly min: number;
        readonly max: number;
      }
    | { readonly kind: 'yesNo' }
    | { readonly kind: 'one'; readonly choices: readonly Choice[] }
    | {
        readonly kind: 'many';
        readonly choices: readonly Choice[];
        readonly min: number;
        readonly max: number;
      }
    /** What we do not know is asked for as JSON: nothing an agent asks is unanswerable. */
    | { readonly kind: 'json' }
  );
export type FieldValue = string | boolean | readonly string[];
export interface QuestionForm {
  readonly message: string;
  readonly fields: readonly FormField[];
  readonly initial: Readonly<Record<string, FieldValue>>;
}

/** Reads an approval's `call.input`; what makes no sense becomes a field that can still be answered. */
export function questionForm(input: unknown): QuestionForm {
  const parsed = elicitationSchema.safeParse(input);
  if (!parsed.success) return { message: '', fields: [], initial: {} };
  const { message, requestedSchema } = parsed.data;
  const required = new Set(requestedSchema?.required ?? []);
  const fields: FormField[] = [];
  const initial: Record<string, FieldValue> = {};
  for (const [id, raw] of Object.entries(requestedSchema?.properties ?? {})) {
    const property = propertySchema.safeParse(raw);
    const shape = property.success ? property.data : {};
    const field = fieldOf(id, shape, required.has(id));
    fields.push(field);
    initial[id] = initialOf(field, shape.default);
  }
  return { message, fields, initial };
}

function fieldOf(id: string, shape: Property, required: boolean): FormField {
  // A pattern is shown, not run: a hostile one could hold the window for ever. The agent checks it.
  const hint =
    [shape.description, shape.pattern && `(${shape.pattern})`].filter(Boolean).join(' ') ||
    undefined;
  const named: Named = { id, label: shape.title ?? id, hint, required };
  const type = Array.isArray(shape.type) ? shape.type.find((one) => one !== 'null') : shape.type;
  const choices = choicesOf(shape);
  if (choices !== null && type !== 'array') return { ...named, kind: 'one', choices };
  switch (type) {
    case 'boolean':
      return { ...named, kind: 'yesNo' };
    case 'number':
    case 'integer':
      return {
        ...named,
        kind: 'number',
        whole: type === 'integer',
        min: shape.minimum ?? -Infinity,
        max: shape.maximum ?? Infinity,
      };
    case 'array': {
      const many = shape.items === undefined ? null : choicesOf(shape.items);
      if (many === null) return { ...named, kind: 'json' };
      return {
        ...named,
        kind: 'many',
        choices: many,
        min: shape.minItems ?? 0,
        max: shape.maxItems ?? Infinity,
      };
    }
    case 'string':
      return {
        ...named,
        kind: 'text',
        input: INPUTS[shape.format ?? ''] ?? 'text',
        long: INPUTS[shape.format ?? ''] === undefined && (shape.maxLength ?? Infinity) > LONG_TEXT,
        minLength: shape.minLength ?? 0,
        maxLength: shape.maxLength ?? Infinity,
      };
    default:
      return { ...named, kind: 'json' };
  }
}

const LONG_TEXT = 120;
const INPUTS: Record<string, 'email' | 'url' | 'date' | 'datetime-local'> = {
  email: 'email',
  uri: 'url',
  date: 'date',
  'date-time': 'datetime-local',
};

function choicesOf(
  shape: Pick<Property, 'enum' | 'enumNames' | 'oneOf' | 'anyOf'>,
): Choice[] | null {
  const titled = shape.oneOf ?? shape.anyOf;
  if (titled !== undefined)
    return titled.map(({ const: value, title, description }) => ({
      value,
      name: title ?? value,
      description,
    }));
  if (shape.enum === undefined) return null;
  return shape.enum.map((value, i) => ({
    value,
    name: shape.enumNames?.[i] ?? value,
    description: undefined,
  }));
}

function initialOf(field: FormField, given: unknown): FieldValue {
  switch (field.kind) {
    case 'yesNo':
      return given === true;
    case 'many':
      return Array.isArray(given) ? given.filter((one) => typeof one === 'string') : [];
    case 'number':
      return typeof given === 'number' ? String(given) : '';
    case 'json':
      return given === undefined ? '' : JSON.stringify(given);
    case 'text':
    case 'one':
      return typeof given === 'string' ? given : '';
  }
}

export type FieldProblem =
  | 'required'
  | 'notANumber'
  | 'notWhole'
  | 'tooSmall'
  | 'tooLarge'
  | 'tooShort'
  | 'tooLong'
  | 'tooFew'
  | 'tooMany'
  | 'notJson';
export type FormResult =
  | { readonly ok: true; readonly content: Record<string, unknown> }
  | { readonly ok: false; readonly problems: Readonly<Record<string, FieldProblem>> };

/** What to send, or what is wrong with which field. Empty optional fields are left out. */
export function formContent(
  form: QuestionForm,
  values: Readonly<Record<string, FieldValue>>,
): FormResult {
  const content: Record<string, unknown> = {};
  const problems: Record<string, FieldProblem> = {};
  for (const field of form.fields) {
    const read = readField(field, values[field.id] ?? form.initial[field.id] ?? '');
    if ('problem' in read) problems[field.id] = read.problem;
    else if (read.value !== undefined) content[field.id] = read.value;
  }
  return Object.keys(problems).length === 0 ? { ok: true, content } : { ok: false, problems };
}

function readField(
  field: FormField,
  value: FieldValue,
): { value: unknown } | { problem: FieldProblem } {
  if (field.kind === 'yesNo') return { value: value === true };
  if (field.kind === 'many') {
    const chosen = Array.isArray(value) ? (value as readonly string[]) : [];
    if (chosen.length === 0)
      return field.required || field.min > 0
        ? { problem: field.required ? 'required' : 'tooFew' }
        : { value: undefined };
    if (chosen.length < field.min) return { problem: 'tooFew' };
    return chosen.length > field.max ? { problem: 'tooMany' } : { value: chosen };
  }
  const text = typeof value === 'string' ? value : '';
  if (text.trim() === '') return field.required ? { problem: 'required' } : { value: undefined };
  if (field.kind === 'number') return readNumber(field, text);
  if (field.kind === 'json') return readJson(text);
  if (field.kind === 'text') return readText(field, text);
  return { value: text };
}

function readNumber(
  field: Extract<FormField, { kind: 'number' }>,
  text: string,
): { value: unknown } | { problem: FieldProblem } {
  const number = Number(text.trim().replace(',', '.'));
  if (!Number.isFinite(number)) return { problem: 'notANumber' };
  if (field.whole && !Number.isInteger(number)) return { problem: 'notWhole' };
  if (number < field.min) return { problem: 'tooSmall' };
  return number > field.max ? { problem: 'tooLarge' } : { value: number };
}

function readText(
  field: Extract<FormField, { kind: 'text' }>,
  text: string,
): { value: unknown } | { problem: FieldProblem } {
  if (text.length < field.minLength) return { problem: 'tooShort' };
  if (text.length > field.maxLength) return { problem: 'tooLong' };
  return { value: field.input === 'datetime-local' ? new Date(text).toISOString() : text };
}

function readJson(text: string): { value: unknown } | { problem: FieldProblem } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return { problem: 'notJson' };
  }
}

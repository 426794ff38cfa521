import type { z } from 'zod';

/** What this walk needs to know of a zod schema; zod 4 tells it in `def`. */
interface Node {
  readonly def: {
    readonly shape?: Record<string, z.ZodType>;
    readonly element?: z.ZodType;
    readonly innerType?: z.ZodType;
    readonly options?: readonly z.ZodType[];
    readonly left?: z.ZodType;
    readonly right?: z.ZodType;
    readonly entries?: Record<string, string>;
  };
}

export interface Message {
  readonly name: string;
  readonly schema: z.ZodType;
  readonly examples: readonly unknown[];
}

/**
 * What no example of any message shows: a field that is never there, a list that is always empty, a
 * variant or a word that never occurs. Such a thing could change and no fixture would notice. A
 * schema that several messages share need be shown by one.
 */
export function untold(messages: readonly Message[], except: ReadonlySet<z.ZodType>): string[] {
  const seen = new Map<z.ZodType, { path: string; values: unknown[] }>();
  for (const { name, schema, examples } of messages) visit(schema, examples, name);
  return [...seen].flatMap(([schema, { path, values }]) => {
    if (values.length === 0) return [path];
    const words = Object.values(defOf(schema).entries ?? {});
    return words.filter((word) => !values.includes(word)).map((word) => `${path}: ${word}`);
  });

  function visit(schema: z.ZodType, values: readonly unknown[], path: string): void {
    if (except.has(schema)) return;
    const entry = seen.get(schema) ?? { path, values: [] };
    seen.set(schema, entry);
    entry.values.push(...values);
    if (values.length === 0) return;
    const { shape, element, innerType, options, left, right } = defOf(schema);
    for (const [name, field] of Object.entries(shape ?? {}))
      visit(field, fieldOf(values, name), `${path}.${name}`);
    if (element !== undefined) visit(element, values.flat(), `${path}[]`);
    if (innerType !== undefined) visit(innerType, values.filter(isGiven), path);
    for (const side of [left, right]) if (side !== undefined) visit(side, values, path);
    const variants = options ?? [];
    const variantOf = (value: unknown): number =>
      variants.findIndex((option) => option.safeParse(value).success);
    for (const [index, option] of variants.entries())
      visit(
        option,
        values.filter((value) => variantOf(value) === index),
        `${path}|${index}`,
      );
  }
}

function defOf(schema: z.ZodType): Node['def'] {
  // Zod's own description of a schema; only this file reads it.
  return (schema as unknown as Node).def;
}

function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function fieldOf(values: readonly unknown[], name: string): unknown[] {
  return values.flatMap((value) => {
    const field: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
    return field === undefined ? [] : [field];
  });
}

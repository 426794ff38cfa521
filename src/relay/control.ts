import { z } from 'zod';

const typedSchema = z.looseObject({ type: z.string().max(100) });

/**
 * What a client said once it was admitted. `unknown`: a newer client says what we have no word for,
 * which is passed over; `bad`: it is not of this protocol.
 */
export function readControl<T>(
  schema: z.ZodType<T> & { readonly options: readonly { readonly shape: { type: unknown } }[] },
  text: string,
): T | 'unknown' | 'bad' {
  const json = parsed(text);
  const known = schema.safeParse(json);
  if (known.success) return known.data;
  const typed = typedSchema.safeParse(json);
  if (!typed.success) return 'bad';
  return knows(schema.options, typed.data.type) ? 'bad' : 'unknown';
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function knows(options: readonly { readonly shape: { type: unknown } }[], type: string): boolean {
  return options.some(
    ({ shape }) => shape.type instanceof z.ZodLiteral && shape.type.value === type,
  );
}

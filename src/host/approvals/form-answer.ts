import { z } from 'zod';
import { RpcFailure } from '../../protocol/errors.ts';

/** What of an elicitation's form (a flat JSON schema) is looked at here; the agent judges the rest. */
const formSchema = z.object({
  requestedSchema: z.object({
    properties: z.record(z.string(), z.unknown()).catch({}),
    required: z.array(z.string()).catch([]),
  }),
});
const valueSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/**
 * Throws an {@link RpcFailure} when an answer cannot be the content of an ACP elicitation: a field
 * that the form needs is not there, one that it does not have is, or a value is neither text,
 * number, yes or no, nor a list of texts.
 */
export function checkAnswer(question: unknown, content: Record<string, unknown>): void {
  const parsed = formSchema.safeParse(question);
  const form = parsed.success ? parsed.data.requestedSchema : { properties: {}, required: [] };
  const fields = Object.keys(form.properties);
  for (const field of form.required)
    if (content[field] === undefined) throw wrong(`"${field}" is missing`, fields);
  for (const [field, value] of Object.entries(content)) {
    if (fields.length > 0 && !fields.includes(field))
      throw wrong(`the question has no "${field}"`, fields);
    if (!valueSchema.safeParse(value).success)
      throw wrong(`"${field}" must be text, a number, true or false, or a list of texts`, fields);
  }
}

function wrong(what: string, fields: readonly string[]): RpcFailure {
  const known = fields.length === 0 ? '' : ` It asks for ${fields.join(', ')}.`;
  return new RpcFailure('refused', `That does not answer the question: ${what}.${known}`);
}

import { z } from 'zod';

/** What a person sends: text, images, and files by name. */
export const promptPartSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), mimeType: z.string().max(100), data: z.base64() }),
  z.object({ type: z.literal('link'), uri: z.string().max(4_096), name: z.string().max(400) }),
]);
export type PromptPart = z.infer<typeof promptPartSchema>;

export const planEntrySchema = z.object({
  content: z.string(),
  priority: z.enum(['high', 'medium', 'low']),
  status: z.enum(['pending', 'in_progress', 'completed']),
});
export type PlanEntry = z.infer<typeof planEntrySchema>;

/** A setting that the agent offers (its model, its effort …); the agent's ids, shown by name. */
export const agentOptionSchema = z.object({
  id: z.string(),
  name: z.string(),
  category: z.string().optional(),
  description: z.string().optional(),
  current: z.union([z.string(), z.boolean()]),
  /** Empty for an on/off setting. */
  values: z.array(
    z.object({ value: z.string(), name: z.string(), description: z.string().optional() }),
  ),
});
export type AgentOption = z.infer<typeof agentOptionSchema>;

export const slashCommandSchema = z.object({
  name: z.string(),
  description: z.string(),
  hint: z.string().optional(),
});
export type SlashCommand = z.infer<typeof slashCommandSchema>;

/** Context tokens used of `size`, and cost where the agent tells. */
export const usageSchema = z.object({
  used: z.number(),
  size: z.number(),
  cost: z.object({ amount: z.number(), currency: z.string() }).optional(),
});
export type Usage = z.infer<typeof usageSchema>;

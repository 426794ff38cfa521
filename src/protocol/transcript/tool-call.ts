import { z } from 'zod';
import { fileDiffSchema } from '../approval/approval.ts';
import { toolKindSchema } from '../approval/tool-kinds.ts';

export const toolStatusSchema = z.enum(['pending', 'in_progress', 'completed', 'failed']);
export type ToolStatus = z.infer<typeof toolStatusSchema>;

/** What a tool call shows: text, a diff, an image, or a named resource. */
export const toolContentSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('diff'), ...fileDiffSchema.shape }),
  z.object({ type: z.literal('image'), mimeType: z.string(), data: z.string() }),
  z.object({ type: z.literal('resource'), uri: z.string(), text: z.string().optional() }),
]);
export type ToolContent = z.infer<typeof toolContentSchema>;

/**
 * What an agent says of a tool call, at once or in parts: absent means "as before", so the first
 * sight of a call may be an update (Gemini does that) and `input` may grow (Claude does that).
 */
export const toolPatchSchema = z.object({
  toolCallId: z.string(),
  title: z.string().optional(),
  tool: z.string().optional(),
  kind: toolKindSchema.optional(),
  status: toolStatusSchema.optional(),
  input: z.unknown().optional(),
  output: z.unknown().optional(),
  /** Text that follows what `output` was so far, from agents that stream it in pieces (Codex). */
  moreOutput: z.string().optional(),
  content: z.array(toolContentSchema).optional(),
  locations: z.array(z.object({ path: z.string(), line: z.number().optional() })).optional(),
  /** Bytes left out of `content` or `output` because the update was too large to keep whole. */
  leftOutBytes: z.number().int().optional(),
});
export type ToolPatch = z.infer<typeof toolPatchSchema>;

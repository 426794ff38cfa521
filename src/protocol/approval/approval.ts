import { z } from 'zod';
import { approvalIdSchema, sessionIdSchema } from '../ids.ts';

/** ACP tool kinds (session/request_permission), and `question` for an elicitation. */
export const TOOL_KINDS = [
  'read',
  'edit',
  'delete',
  'move',
  'search',
  'execute',
  'think',
  'fetch',
  'switch_mode',
  'other',
] as const;
export const approvalKindSchema = z.enum([...TOOL_KINDS, 'question']);
export type ApprovalKind = z.infer<typeof approvalKindSchema>;

/** One file as the call would leave it. `oldText` is null for a new file. Never cut. */
export const fileDiffSchema = z.object({
  path: z.string(),
  oldText: z.string().nullable(),
  newText: z.string(),
});
export type FileDiff = z.infer<typeof fileDiffSchema>;

/**
 * The exact call that would run; the approval's hash is over this. `input` is the agent's raw
 * input, untouched. For a question it is the elicitation: `{message, requestedSchema}`.
 */
export const callSchema = z.object({
  tool: z.string(),
  input: z.unknown(),
  locations: z.array(z.object({ path: z.string(), line: z.number().optional() })),
  diff: z.array(fileDiffSchema),
});
export type Call = z.infer<typeof callSchema>;

export const OPTION_KINDS = ['allow_once', 'allow_always', 'reject_once', 'reject_always'] as const;
export const approvalOptionSchema = z.object({
  optionId: z.string(),
  name: z.string(),
  /** An agent may offer kinds that we do not know; they are shown, never chosen for anyone. */
  kind: z.string(),
});
export type ApprovalOption = z.infer<typeof approvalOptionSchema>;

/** A tool call or a question waiting for a decision. */
export const approvalSchema = z.object({
  id: approvalIdSchema,
  sessionId: sessionIdSchema,
  kind: approvalKindSchema,
  title: z.string(),
  /** Why the agent asks, where it says so; plain text. */
  why: z.string().optional(),
  toolCallId: z.string().optional(),
  /** Hex SHA-256 of the canonical JSON (RFC 8785) of `call`. A decision names it. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  call: callSchema,
  options: z.array(approvalOptionSchema),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
});
export type Approval = z.infer<typeof approvalSchema>;

export const decisionOutcomeSchema = z.enum([
  'decided',
  'superseded',
  'expired',
  'notAllowed',
  'notThisCall',
]);
export type DecisionOutcome = z.infer<typeof decisionOutcomeSchema>;

/** How far a decision has travelled. */
export const receiptSchema = z.enum(['decided', 'delivered', 'finished', 'failed']);
export type Receipt = z.infer<typeof receiptSchema>;

import { z } from 'zod';
import { agentIdSchema, approvalIdSchema, sessionIdSchema } from '../ids.ts';
import { modeSchema } from '../mode.ts';
import { roleSchema } from '../devices.ts';
import { ruleRefSchema } from '../rules/rule-ref.ts';
import { TOOL_KINDS } from './tool-kinds.ts';

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

export const RISK_LEVELS = ['low', 'elevated', 'high', 'highest'] as const;
export const RISK_MARKS = [
  'outsideWorkspace',
  'deletes',
  'network',
  'secrets',
  'privilege',
  'gitHistory',
  'installs',
  /** It touches Porchlight itself: its home, its sockets, its command. */
  'porchlight',
  /** A command, or a part of one, whose effect cannot be told from its text. */
  'unreadable',
  /** Letters or marks that do not look like what they are. */
  'lookAlike',
  'other',
] as const;
export type RiskLevel = (typeof RISK_LEVELS)[number];
export type RiskMarkKind = (typeof RISK_MARKS)[number];

/** What may go wrong with a call; made by pure rules of the host (`src/host/policy`). */
export const riskSchema = z.object({
  // A newer host may know more: then it is not less than high.
  level: z.enum(RISK_LEVELS).catch('high'),
  marks: z.array(
    z.object({
      kind: z.enum(RISK_MARKS).catch('other'),
      /** What of the call it is about: a path, a host, a command; never cut, shown escaped. */
      about: z.string(),
    }),
  ),
});
export type Risk = z.infer<typeof riskSchema>;

/** Why nobody but a person may decide. `rule`: one that says "ask". */
export const asksBecauseSchema = z.object({
  because: z.enum(['noRule', 'rule', 'porchlight', 'unreadable', 'question']).catch('noRule'),
  rule: ruleRefSchema.optional(),
});
export type AsksBecause = z.infer<typeof asksBecauseSchema>;

/** What becomes of an approval when its time is over; see `approvals` in config.json. */
export const EXPIRY_ACTS = ['stay', 'deny', 'park'] as const;
export const expiryActSchema = z.enum(EXPIRY_ACTS);
export type ExpiryAct = z.infer<typeof expiryActSchema>;

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
  /** From here on: absent in what an older host wrote. */
  agent: agentIdSchema.optional(),
  /** Where the agent works. */
  cwd: z.string().optional(),
  /** The mode in force when it was asked; null: one of the agent's own. */
  mode: modeSchema.nullable().optional(),
  risk: riskSchema.optional(),
  asks: asksBecauseSchema.optional(),
  /** Who may decide: the least role, and whether a fresh check of the person is needed. */
  decider: z.object({ role: roleSchema, fresh: z.boolean() }).optional(),
  /** What happens at `expiresAt`. */
  onExpiry: expiryActSchema.optional(),
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

import { z } from 'zod';
import { asksBecauseSchema, riskSchema } from '../approval/approval.ts';
import { toolKindSchema } from '../approval/tool-kinds.ts';
import { agentIdSchema, sessionIdSchema } from '../ids.ts';
import { modeSchema } from '../mode.ts';
import { ruleDecisionSchema } from './rule.ts';
import { ruleRefSchema } from './rule-ref.ts';

/** A call to ask the rules about: one that waits, or one that is made up. */
export const callToCheckSchema = z.object({
  agent: agentIdSchema.optional(),
  /** Absent: `execute` with a command, `edit` with a path, else `other`. */
  kind: toolKindSchema.optional(),
  command: z.string().max(100_000).optional(),
  paths: z.array(z.string().max(4_096)).max(100).optional(),
  host: z.string().max(300).optional(),
  /** `server/tool`. */
  mcp: z.string().max(300).optional(),
  /** Absolute; where the agent would work. */
  cwd: z.string().max(4_096),
  mode: modeSchema.optional(),
  session: sessionIdSchema.optional(),
});

export const checkedCallSchema = z.object({
  decision: ruleDecisionSchema,
  /** The one that decided; null when none matches. */
  rule: ruleRefSchema.nullable(),
  risk: riskSchema,
  /** With `ask`. */
  asks: asksBecauseSchema.nullable(),
  /** Each step in words, in order: how the call was read, which rules match, which one wins. */
  steps: z.array(z.string()),
  /** Set where the agent does not ask about such calls in that mode: no rule binds them. */
  notEnforceable: z.string().nullable(),
});
export type CheckedCall = z.infer<typeof checkedCallSchema>;

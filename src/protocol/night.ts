import { z } from 'zod';
import { approvalSchema } from './approval/approval.ts';
import { sessionIdSchema } from './ids.ts';
import { ruleRefSchema } from './rules/rule-ref.ts';
import { sessionStateSchema } from './session/state.ts';

/**
 * An unattended run: rules decide what they can, and what they leave open waits, however long, without
 * holding up other sessions.
 */
export const nightSchema = z.object({
  since: z.iso.datetime(),
  /** It ends by itself; null: when somebody says so. */
  until: z.iso.datetime().nullable(),
  by: z.string(),
});
export type Night = z.infer<typeof nightSchema>;

/** The page of the morning after. */
export const nightReportSchema = z.object({
  since: z.iso.datetime(),
  /** null: it is still night. */
  ended: z.iso.datetime().nullable(),
  sessions: z.array(
    z.object({
      sessionId: sessionIdSchema,
      title: z.string(),
      state: sessionStateSchema,
      /** Turns that ended in that time, by how. */
      completed: z.number().int(),
      cutShort: z.number().int(),
      /** Calls that rules allowed, and that rules refused. */
      allowed: z.number().int(),
      refused: z.number().int(),
      /** For how long it worked, and waited for a decision. */
      workedMs: z.number(),
      waitedMs: z.number(),
    }),
  ),
  /** How often each rule decided. */
  rules: z.array(z.object({ rule: ruleRefSchema, allowed: z.boolean(), times: z.number().int() })),
  /** Newest first, the newest 200. */
  refused: z.array(
    z.object({
      sessionId: sessionIdSchema,
      title: z.string(),
      rule: ruleRefSchema,
      at: z.iso.datetime(),
    }),
  ),
  /** Oldest first. */
  waiting: z.array(approvalSchema),
});
export type NightReport = z.infer<typeof nightReportSchema>;

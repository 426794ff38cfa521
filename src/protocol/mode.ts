import { z } from 'zod';

/**
 * What the agent may do without asking. `ask`: nothing that changes anything. `edits`: change
 * files in the workspace. `plan`: nothing, and it should only plan. `auto`: what the agent judges fit.
 */
export const MODES = ['ask', 'edits', 'plan', 'auto'] as const;
export const modeSchema = z.enum(MODES);
export type Mode = z.infer<typeof modeSchema>;

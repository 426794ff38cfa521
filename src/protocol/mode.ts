import { z } from 'zod';

/**
 * What the agent may do without asking. `ask`: nothing that changes anything. `edits`: change
 * files in the workspace. `plan`: nothing, and it should only plan. `auto`: what the agent judges fit.
 */
export const MODES = ['ask', 'edits', 'plan', 'auto'] as const;
export const modeSchema = z.enum(MODES);
export type Mode = z.infer<typeof modeSchema>;

/** From the one that asks most; `plan` does not even try. */
const BY_FREEDOM: readonly Mode[] = ['plan', 'ask', 'edits', 'auto'];

/** Whether `to` lets the agent do more without asking; an unknown mode of its own is the freest. */
export function raises(from: Mode | null, to: Mode): boolean {
  return from !== null && BY_FREEDOM.indexOf(to) > BY_FREEDOM.indexOf(from);
}

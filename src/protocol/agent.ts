import { z } from 'zod';
import { agentIdSchema } from './ids.ts';

/** One row of `porchlight agents --json`. */
export const agentEntrySchema = z.object({
  id: agentIdSchema,
  name: z.string(),
  found: z.boolean(),
  version: z.string().nullable(),
  /** The command line that starts it over ACP, or null when it is not found. */
  command: z.array(z.string()).nullable(),
  /** Where it was found. */
  from: z.enum(['config', 'path', 'installed', 'built-in']).nullable(),
  /** Our modes that this agent can prove it is in. */
  modes: z.array(z.string()),
  /** `agents install` knows how to install its adapter; `bytes` is about what it takes on disk. */
  installable: z.object({ version: z.string(), bytes: z.number() }).nullable(),
  /** The agent's own way to sign in, as a person would type it. */
  signIn: z.string().nullable(),
});
export type AgentEntry = z.infer<typeof agentEntrySchema>;

export const installProgressSchema = z.object({
  agent: agentIdSchema,
  step: z.enum(['resolving', 'downloading', 'checking', 'done', 'failed']),
  message: z.string(),
  bytes: z.number().nullable(),
  totalBytes: z.number().nullable(),
});
export type InstallProgress = z.infer<typeof installProgressSchema>;

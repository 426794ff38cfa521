import { z } from 'zod';
import { agentIdSchema } from './ids.ts';
import { modeSchema } from './mode.ts';

const agentConfigSchema = z.strictObject({
  /** The program, found on PATH unless absolute. */
  command: z.string().min(1).optional(),
  args: z.array(z.string()).optional(),
  /** Reaches the agent unchanged, over the login-shell environment. */
  env: z.record(z.string(), z.string()).optional(),
  mode: modeSchema.optional(),
});
export type AgentConfig = z.infer<typeof agentConfigSchema>;

/** `config.json` in PORCHLIGHT_HOME. Strict: an unknown key is an error that names its path. */
export const configSchema = z.strictObject({
  agents: z.record(agentIdSchema, agentConfigSchema).default({}),
  relay: z.looseObject({ url: z.url().optional() }).optional(),
  power: z.looseObject({}).optional(),
  limits: z
    .strictObject({
      /** Bytes of one prompt, images included. */
      promptBytes: z.number().int().positive().optional(),
    })
    .optional(),
});
export type Config = z.infer<typeof configSchema>;
export const BUILT_IN_AGENTS = ['claude', 'codex', 'opencode', 'gemini', 'demo'] as const;

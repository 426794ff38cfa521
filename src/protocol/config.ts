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
  relay: z
    .strictObject({
      /** A relay elsewhere; absent: this host runs its own on this machine. */
      url: z.url().optional(),
      /** Where devices reach the own relay: what `tailscale serve` or a reverse proxy shows. */
      publicUrl: z.url().optional(),
      /** Of the own relay on loopback; absent: a free one, kept from then on. */
      port: z.number().int().min(1).max(65_535).optional(),
      /** Origin of the phone page, where it is not served by the relay. */
      page: z.url().optional(),
    })
    .optional(),
  devices: z
    .strictObject({
      /** Operators may start sessions at and below these, besides in folders used before. */
      roots: z.array(z.string().min(1).max(4_096)).max(50).optional(),
      /** What devices see as the name of this machine; absent: its host name. */
      hostName: z.string().min(1).max(80).optional(),
    })
    .optional(),
  power: z.looseObject({}).optional(),
  limits: z
    .strictObject({
      /** Bytes of one prompt, images included. */
      promptBytes: z.number().int().positive().optional(),
      /** Agent processes at once; idle ones make room. */
      agentProcesses: z.number().int().min(1).max(200).optional(),
      /** No agent is started while less memory than this is free. */
      freeMemoryMb: z.number().int().nonnegative().optional(),
      /** No session is started while less than this is free on the home's disk. */
      freeDiskMb: z.number().int().nonnegative().optional(),
    })
    .optional(),
  sessions: z
    .strictObject({
      /** What a new session in a git repository gets. */
      isolate: z.enum(['worktree', 'none']).optional(),
      /** A turn was cut short because its agent went away. */
      afterInterruption: z.enum(['offer', 'continue']).optional(),
      /** A turn broke on the way to the model. */
      afterNetworkError: z.enum(['offer', 'retry']).optional(),
      /** The agent's account ran into a limit and said until when. */
      afterUsageLimit: z.enum(['offer', 'wait']).optional(),
      /** How often in a row a session goes on by itself. */
      tries: z.number().int().min(0).max(100).optional(),
      /** An idle agent is ended after this, and comes back with the next prompt; 0: never. */
      hibernateAfterMinutes: z.number().nonnegative().optional(),
    })
    .optional(),
  worktrees: z
    .strictObject({
      /** Run once in a new worktree of the repository at this path, by the login shell: `npm ci`. */
      setup: z.record(z.string(), z.string().min(1)).optional(),
    })
    .optional(),
  history: z
    .strictObject({
      /** Archived sessions are forgotten after this; 0: never. */
      keepArchivedDays: z.number().nonnegative().optional(),
    })
    .optional(),
});
export type Config = z.infer<typeof configSchema>;
export const BUILT_IN_AGENTS = ['claude', 'codex', 'opencode', 'gemini', 'demo'] as const;

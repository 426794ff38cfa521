import { z } from 'zod';
import { expiryActSchema } from './approval/approval.ts';
import { notifyChannelsSchema, notifyPolicySchema } from './attention.ts';
import { agentIdSchema } from './ids.ts';
import { modeSchema } from './mode.ts';
import { powerPolicySchema } from './power.ts';
import { MAX_RULES, ruleSchema } from './rules/rule.ts';

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
  power: powerPolicySchema
    .partial()
    .extend({
      /** The light does not wait for paired devices to be able to reach this host. */
      withoutRelay: z.boolean().optional(),
    })
    .optional(),
  notify: notifyPolicySchema
    .extend({ kinds: notifyPolicySchema.shape.kinds.partial(), ...notifyChannelsSchema.shape })
    .partial()
    .optional(),
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
  approvals: z
    .strictObject({
      /** How long one may wait; 0 (and absent): for ever. */
      patienceMinutes: z.number().nonnegative().max(525_600).optional(),
      /** After that: nothing more, a refusal, or the turn is put aside until somebody continues it. */
      onExpiry: expiryActSchema.optional(),
    })
    .optional(),
  modes: z
    .strictObject({
      /** An agent goes into a freer mode by itself: only say so, or put it back. */
      onDrift: z.enum(['show', 'undo']).optional(),
      /** No session is in the mode auto where nothing keeps its agent in its folder. */
      autoNeedsSandbox: z.boolean().optional(),
    })
    .optional(),
  sandbox: z
    .strictObject({
      /** Which sessions are kept in their folder, where the platform can. */
      sessions: z.enum(['none', 'auto', 'all']).optional(),
      /** Folders beside its own that an agent may write to; absolute or below `~/`. */
      writable: z.array(z.string().min(1).max(4_096)).max(50).optional(),
    })
    .optional(),
  audit: z
    .strictObject({
      /** What is kept of a prompt. */
      prompts: z.enum(['hash', 'text']).optional(),
      /** A file elsewhere that each new head is added to, as a line. Absolute. */
      headFile: z.string().min(1).max(4_096).optional(),
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

/**
 * `policy.json` of an administrator: rules that nobody loosens, and bounds on what config.json may
 * say. Strict. Where: `src/host/rules/policy-file.ts`.
 */
export const policySchema = z.strictObject({
  version: z.literal(1).default(1),
  rules: z.array(ruleSchema).max(MAX_RULES).default([]),
  /** Modes that sessions may be in. */
  modes: z.array(modeSchema).nonempty().optional(),
  /** `tightenOnly`: nobody can trust a project's rules. */
  projectRules: z.enum(['trusted', 'tightenOnly']).optional(),
  /** These hold instead of what config.json says. */
  approvals: configSchema.shape.approvals,
  onDrift: z.enum(['show', 'undo']).optional(),
  autoNeedsSandbox: z.boolean().optional(),
  auditPrompts: z.enum(['hash', 'text']).optional(),
});
export type Policy = z.infer<typeof policySchema>;

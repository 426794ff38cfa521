import { z } from 'zod';
import { toolKindSchema } from '../approval/tool-kinds.ts';
import { agentIdSchema, sessionIdSchema } from '../ids.ts';
import { ruleSourceSchema } from './rule-ref.ts';

export const MAX_RULES = 10_000;
export const RULE_DECISIONS = ['allow', 'deny', 'ask'] as const;
export const ruleDecisionSchema = z.enum(RULE_DECISIONS);
export type RuleDecision = z.infer<typeof ruleDecisionSchema>;

/**
 * A standing decision. Every field that is there must match; a rule of `decision` alone matches each
 * call. Of all rules that match, from all sources, deny wins over ask, and ask over allow.
 */
export const ruleSchema = z.strictObject({
  decision: ruleDecisionSchema,
  agent: agentIdSchema.optional(),
  kind: toolKindSchema.optional(),
  /**
   * Words of a shell command, by a shell's own reading. `allow`: these words and arguments after
   * them, and nothing else in the whole command line that no rule allows. `deny` and `ask`: any
   * command in the line that begins so.
   */
  command: z.string().min(1).max(2_000).optional(),
  /**
   * A glob (`*`, `**`, `?`, `{a,b}`, `[a-z]`): absolute, below `~/`, or relative to the folder of the
   * session. `allow`: every path of the call. `deny` and `ask`: any of them. Links are resolved.
   */
  path: z.string().min(1).max(4_096).optional(),
  /** `example.com`, `*.example.com`, with `:port` where it matters; as `path` for every or any. */
  host: z.string().min(1).max(300).optional(),
  /** `server/tool`, or `server/*`. */
  mcp: z.string().min(3).max(300).optional(),
  session: sessionIdSchema.optional(),
  /** A glob over the branch that is checked out where the session works. */
  branch: z.string().min(1).max(300).optional(),
  /** Sessions that work in this folder, below it, or in a worktree made from it; absolute or `~/`. */
  folder: z.string().min(1).max(4_096).optional(),
  /** With `ask`: whoever decides proves to be there; see `passkey.register`. */
  fresh: z.literal(true).optional(),
  /** A grant ends then, RFC 3339 … */
  until: z.iso.datetime({ offset: true }).optional(),
  /** … or after so many calls that it decided. */
  uses: z.number().int().positive().max(1_000_000).optional(),
  /** When it was made, which tells one grant from an equal one before it. */
  madeAt: z.iso.datetime({ offset: true }).optional(),
  /** Why it is there, for people. */
  note: z.string().max(500).optional(),
});
export type Rule = z.infer<typeof ruleSchema>;

/** `rules.json` in PORCHLIGHT_HOME, and `.porchlight/rules.json` of a project. Strict. */
export const rulesFileSchema = z.strictObject({
  version: z.literal(1).default(1),
  rules: z.array(ruleSchema).max(MAX_RULES),
});

/** A rule in force, or why it is not. */
export const ruleRowSchema = z.object({
  /** Counts from 1 over all sources, in the order of the list; `rules remove N` takes it. */
  n: z.number().int(),
  id: z.string(),
  source: ruleSourceSchema,
  /** The file it stands in. */
  file: z.string(),
  rule: z.looseObject({ ...ruleSchema.shape }),
  text: z.string(),
  usesLeft: z.number().int().optional(),
  /** Why it is not in force: its grant has ended, its session is gone, its project is not trusted. */
  notInForce: z.string().optional(),
});
export type RuleRow = z.infer<typeof ruleRowSchema>;

/** One file of rules, and how it stands. */
export const ruleFileSchema = z.object({
  source: ruleSourceSchema,
  path: z.string(),
  /** `bad`: the last good one holds, if there was one. `untrusted`: only what tightens holds. */
  state: z.enum(['ok', 'none', 'bad', 'untrusted']).catch('bad'),
  /** Of a bad one: what and where, in words. */
  problem: z.string().nullable(),
  rules: z.number().int(),
  /** Of a project: its base checkout, and the content to trust. */
  project: z.object({ folder: z.string(), hash: z.string() }).optional(),
});
export type RuleFile = z.infer<typeof ruleFileSchema>;

/** A rule that "always" could save, narrowest first. */
export const ruleProposalSchema = z.object({
  rule: ruleSchema,
  text: z.string(),
  /** What it would let through, in words. */
  means: z.string(),
});
export type RuleProposal = z.infer<typeof ruleProposalSchema>;

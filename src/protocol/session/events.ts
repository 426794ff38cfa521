import { z } from 'zod';
import { approvalSchema } from '../approval/approval.ts';
import {
  agentIdSchema,
  approvalIdSchema,
  commandIdSchema,
  instanceIdSchema,
  sessionIdSchema,
} from '../ids.ts';
import { modeSchema } from '../mode.ts';
import { ruleRefSchema } from '../rules/rule-ref.ts';
import {
  agentOptionSchema,
  planEntrySchema,
  promptPartSchema,
  slashCommandSchema,
  usageSchema,
} from '../transcript/content.ts';
import { toolPatchSchema } from '../transcript/tool-call.ts';
import { landWaySchema, worktreeOriginSchema } from './workspace.ts';

/** Which surface did it: `tray`, `window`, `cli`, `device:<id>` … or `host` for a policy. */
const bySchema = z.string().max(80);

const turnOutcomeSchema = z
  .enum(['completed', 'cancelled', 'interrupted', 'failed', 'refused', 'limited'])
  // A newer host may know more ways to end; that it did not go well is what matters.
  .catch('failed');
/**
 * `completed`: the agent ended its turn. `cancelled`: a person did. `interrupted`: the agent's
 * process or the machine went away. `failed`: the agent reported an error. `refused`: the model
 * would not. `limited`: tokens or requests ran out.
 */
export type TurnOutcome = z.infer<typeof turnOutcomeSchema>;

/** A problem in words for people: what happened, and what can be done. */
export const problemSchema = z.object({
  message: z.string(),
  fix: z.string().optional(),
  /** `signIn`: `fix` is the agent's own login command. */
  kind: z
    .enum([
      'signIn',
      'missing',
      'exited',
      'garbage',
      'oversize',
      'folder',
      'mode',
      'timeout',
      /** The way to the model broke; the work itself may go on. */
      'network',
      /** The agent's account has used up its allowance for now. */
      'limit',
      'other',
    ])
    .default('other')
    // A newer host may know more kinds; the words say it all the same.
    .catch('other'),
  /** With `limit`: when it is over, where the agent says so. */
  resetsAt: z.iso.datetime().optional(),
});
export type Problem = z.infer<typeof problemSchema>;

function event<T extends string, S extends z.ZodRawShape>(type: T, shape: S) {
  return z.object({ type: z.literal(type), ...shape });
}

/**
 * Everything that can happen in a session, as past-tense facts; the fold of them
 * (`session/reduce.ts`) is what surfaces show. Add-only.
 */
export const eventBodySchema = z.discriminatedUnion('type', [
  event('session.created', {
    sessionId: sessionIdSchema,
    agent: agentIdSchema,
    cwd: z.string(),
    worktree: z.string().nullable(),
    mode: modeSchema,
    title: z.string(),
    /** A person gave the title: an agent's better idea does not replace it. */
    named: z.boolean().optional(),
    /** With `worktree`: what it is made from. It is there once `worktree.made` says so. */
    origin: worktreeOriginSchema.optional(),
    /** The person chose to let it work where another session works. */
    shared: z.boolean().optional(),
    /** The agent's own conversation, begun elsewhere, that it goes on with. */
    adopts: z.string().optional(),
    by: bySchema,
  }),
  event('session.titled', { title: z.string(), by: bySchema }),
  event('session.failed', { problem: problemSchema }),
  event('session.ended', { by: bySchema }),
  event('session.archived', { archived: z.boolean(), by: bySchema }),
  /** It goes on by itself at `until`, unless a person says otherwise. */
  event('session.parked', {
    until: z.iso.datetime(),
    reason: z.string(),
    /** How often in a row, from 1. */
    attempt: z.number().int(),
  }),
  /** `goesOn` is false when a person called it off. */
  event('session.unparked', { goesOn: z.boolean(), by: bySchema }),

  /** The worktree was made, or made again after somebody removed it. `copied`: ignored files it got. */
  event('worktree.made', { path: z.string(), copied: z.number().int() }),
  event('worktree.landed', {
    way: landWaySchema,
    base: z.string(),
    commit: z.string(),
    commits: z.number().int(),
    by: bySchema,
  }),
  /** `keptAs`: the ref that holds what was not landed; null when there was nothing. */
  event('worktree.discarded', { keptAs: z.string().nullable(), by: bySchema }),

  event('agent.starting', { instance: instanceIdSchema }),
  /** The agent took the session and its mode was read back. `loaded`: an earlier one of its own. */
  event('agent.started', {
    instance: instanceIdSchema,
    name: z.string(),
    version: z.string(),
    agentSession: z.string(),
    loaded: z.boolean(),
    accepts: z.object({ images: z.boolean(), load: z.boolean() }),
    /** What keeps the agent in its folder: `bubblewrap`, `seatbelt`; absent: nothing does. */
    sandbox: z.string().max(40).optional(),
  }),
  event('agent.exited', {
    instance: instanceIdSchema,
    expected: z.boolean(),
    /** It was idle; the next prompt brings it back. */
    hibernated: z.boolean().optional(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
  }),

  event('prompt.queued', {
    commandId: commandIdSchema,
    prompt: z.array(promptPartSchema),
    /** Before all that waits: the turn that was cut short goes on first. */
    ahead: z.boolean().optional(),
    by: bySchema,
  }),
  event('prompt.dropped', { commandId: commandIdSchema, by: bySchema }),
  event('turn.started', { turn: z.number().int(), commandId: commandIdSchema }),
  event('turn.ended', {
    turn: z.number().int(),
    outcome: turnOutcomeSchema,
    problem: problemSchema.optional(),
  }),

  event('user.text', { text: z.string(), messageId: z.string().optional() }),
  event('agent.text', { text: z.string(), messageId: z.string().optional() }),
  event('agent.thought', { text: z.string(), messageId: z.string().optional() }),
  event('agent.image', {
    mimeType: z.string(),
    data: z.string(),
    messageId: z.string().optional(),
  }),
  event('agent.link', { uri: z.string(), name: z.string(), messageId: z.string().optional() }),
  event('tool.updated', toolPatchSchema.shape),
  event('plan.updated', { entries: z.array(planEntrySchema) }),
  event('mode.changed', {
    /** null: the agent is in a mode of its own that is none of ours. */
    mode: modeSchema.nullable(),
    native: z.string(),
    version: z.number().int(),
    by: bySchema,
    /** `agent` left this mode by itself, and policy put it back. */
    undoes: modeSchema.nullable().optional(),
  }),
  event('options.changed', { options: z.array(agentOptionSchema) }),
  event('commands.changed', { commands: z.array(slashCommandSchema) }),
  event('usage.updated', usageSchema.shape),
  event('context.compacted', {
    status: z.enum(['in_progress', 'completed', 'failed']),
    summary: z.string().optional(),
  }),
  /** From the agent, or from the host about the agent. */
  event('notice', { level: z.enum(['info', 'warning', 'error']), text: z.string(), by: bySchema }),

  event('approval.opened', { approval: approvalSchema }),
  event('approval.decided', {
    approvalId: approvalIdSchema,
    /** The agent's option, or null for a question. */
    optionId: z.string().nullable(),
    allowed: z.boolean(),
    reason: z.string().optional(),
    answer: z.unknown().optional(),
    by: bySchema,
    commandId: commandIdSchema.optional(),
    /** Nobody was asked: this rule decided. */
    rule: ruleRefSchema.optional(),
    /** The input that was asked for instead. */
    edited: z.unknown().optional(),
    /** Whose device it was. */
    person: z.string().optional(),
    /** The person proved to be there. */
    fresh: z.boolean().optional(),
  }),
  /** The keeper has written the answer to the agent. */
  event('approval.delivered', { approvalId: approvalIdSchema }),
  /** The call that was allowed is over; `failed` also when its agent went away in the middle. */
  event('approval.finished', { approvalId: approvalIdSchema, failed: z.boolean() }),
  event('approval.closed', {
    approvalId: approvalIdSchema,
    reason: z.enum(['cancelled', 'withdrawn', 'agentGone', 'expired']),
  }),

  /** The machine is about to sleep in the middle of this session's work. */
  event('machine.sleeping', { why: z.string() }),
  /** It is back; `from`: when it fell asleep, as far as that is known. */
  event('machine.woke', { sleptFrom: z.iso.datetime(), why: z.string() }),

  /** Never stored: what an older surface makes of an event of a newer host. */
  event('unrecognized', { name: z.string() }),
]);
export type EventBody = z.infer<typeof eventBodySchema>;
export type EventType = EventBody['type'];

/**
 * One numbered fact. `seq` counts from 1 in each session without gaps; `at` is RFC 3339 UTC. A merged
 * streaming event also carries `from`: it stands for `from`…`seq`.
 */
export type SessionEvent = EventBody & { seq: number; at: string; from?: number };

const numberingSchema = z.object({
  seq: z.number().int().positive(),
  at: z.iso.datetime(),
  from: z.number().int().positive().optional(),
});
const knownTypes: ReadonlySet<string> = new Set(
  eventBodySchema.options.map((option) => option.shape.type.value),
);

/** A type that this side does not know yet: its number counts, its content does not. */
const newerEventSchema = numberingSchema
  .extend({ type: z.string().refine((type) => !knownTypes.has(type)) })
  .transform(({ type, ...numbering }): SessionEvent => ({
    type: 'unrecognized',
    name: type,
    ...numbering,
  }));

export const sessionEventSchema: z.ZodType<SessionEvent> = z.union([
  z.intersection(eventBodySchema, numberingSchema),
  newerEventSchema,
]);

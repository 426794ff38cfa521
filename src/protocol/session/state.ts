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
import {
  agentOptionSchema,
  planEntrySchema,
  promptPartSchema,
  slashCommandSchema,
  usageSchema,
} from '../transcript/content.ts';
import { worktreeOriginSchema } from './workspace.ts';

export const SESSION_STATES = [
  'starting',
  'idle',
  'working',
  'waiting',
  'parked',
  'failed',
  'ended',
] as const;
export const sessionStateSchema = z.enum(SESSION_STATES);
/** See "Meanings" in docs/cli.md. `waiting`: an approval or question is open. */
export type SessionStateName = z.infer<typeof sessionStateSchema>;

export const queuedPromptSchema = z.object({
  commandId: commandIdSchema,
  prompt: z.array(promptPartSchema),
  by: z.string(),
});
export type QueuedPrompt = z.infer<typeof queuedPromptSchema>;

export const turnSchema = z.object({
  turn: z.number().int(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  outcome: z.string().nullable(),
});
export type Turn = z.infer<typeof turnSchema>;

/**
 * A session without its transcript: the fold of its events at `lastSeq`. The host and every
 * surface compute it with the same `reduce`.
 */
export const sessionStateFoldSchema = z.object({
  id: sessionIdSchema,
  agent: agentIdSchema,
  title: z.string(),
  /** The title is a person's choice. */
  named: z.boolean().default(false),
  cwd: z.string(),
  worktree: z.string().nullable(),
  origin: worktreeOriginSchema.nullable().default(null),
  /** How the worktree stands; null without one. */
  worktreeState: z.enum(['planned', 'made', 'landed', 'discarded']).nullable().default(null),
  shared: z.boolean().default(false),
  state: sessionStateSchema,
  /** Since when it waits, and until when, where its state is `parked`. */
  parked: z
    .object({ until: z.iso.datetime(), reason: z.string(), attempt: z.number().int() })
    .nullable()
    .default(null),
  /** How often in a row the host has let it go on by itself; a person's prompt starts over. */
  autoContinues: z.number().int().default(0),
  mode: modeSchema.nullable(),
  modeVersion: z.number().int(),
  /** The agent's own name of the mode in force. */
  nativeMode: z.string().nullable(),
  instance: instanceIdSchema.nullable(),
  agentSession: z.string().nullable(),
  agentName: z.string().nullable(),
  /** What keeps the agent in its folder; null: nothing does. */
  sandbox: z.string().nullable().default(null),
  accepts: z.object({ images: z.boolean(), load: z.boolean() }),
  /** The running turn, else the last one. */
  turn: turnSchema.nullable(),
  queue: z.array(queuedPromptSchema),
  /** A turn was cut short while prompts waited: they wait on until the person says so. */
  held: z.boolean(),
  approvals: z.array(approvalSchema),
  /** Calls that were allowed and are not over, as far as their agent says which call it is. */
  allowed: z.array(z.object({ approvalId: approvalIdSchema, toolCallId: z.string() })).default([]),
  /** Tool calls that have begun and not ended; closed as failed when the agent goes away. */
  openTools: z.array(z.string()),
  plan: z.array(planEntrySchema),
  options: z.array(agentOptionSchema),
  commands: z.array(slashCommandSchema),
  usage: usageSchema.nullable(),
  problem: z
    .object({ message: z.string(), fix: z.string().optional(), kind: z.string() })
    .nullable(),
  archived: z.boolean(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  /** When the agent last said anything; the "waiting for the model" clock starts here. */
  heardAt: z.iso.datetime(),
  lastSeq: z.number().int(),
});
export type SessionState = z.infer<typeof sessionStateFoldSchema>;

/** One row of `porchlight ls --json`. */
export const sessionSummarySchema = sessionStateFoldSchema
  .pick({
    id: true,
    agent: true,
    title: true,
    cwd: true,
    worktree: true,
    worktreeState: true,
    shared: true,
    state: true,
    parked: true,
    mode: true,
    createdAt: true,
    updatedAt: true,
    lastSeq: true,
    archived: true,
    problem: true,
  })
  .extend({
    /** How many are open. */
    approvals: z.number().int(),
    queued: z.number().int(),
    /** The session's own branch, where it has a worktree. */
    branch: z.string().nullable().default(null),
    /** The last turn was cut short, and nobody has said how it goes on. */
    interrupted: z.boolean().default(false),
  });
export type SessionSummary = z.infer<typeof sessionSummarySchema>;

export function summaryOf(state: SessionState): SessionSummary {
  const { id, agent, title, cwd, worktree, mode, createdAt, updatedAt, lastSeq } = state;
  return {
    id,
    agent,
    title,
    cwd,
    worktree,
    worktreeState: state.worktreeState,
    branch: state.origin?.branch ?? null,
    shared: state.shared,
    state: state.state,
    parked: state.parked,
    interrupted: state.turn?.outcome === 'interrupted' && state.state === 'idle',
    mode,
    approvals: state.approvals.length,
    queued: state.queue.length,
    lastSeq,
    createdAt,
    updatedAt,
    archived: state.archived,
    problem: state.problem,
  };
}

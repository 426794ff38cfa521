import { z } from 'zod';
import {
  approvalIdSchema,
  commandIdSchema,
  instanceIdSchema,
  sessionIdSchema,
} from '../../../protocol/ids.ts';
import { modeSchema } from '../../../protocol/mode.ts';
import { problemSchema } from '../../../protocol/session/events.ts';

/** A setting that a session had, to be had again. */
export const wantedSettingSchema = z.object({
  id: z.string(),
  value: z.union([z.string(), z.boolean()]),
});
export type WantedSetting = z.infer<typeof wantedSettingSchema>;

/**
 * One session on an adapter process. `waiting`: for initialize. `opening`: session/new or
 * session/load is under way. `mode`: the mode is being set. `ready`: prompts may go.
 */
export const attachedSchema = z.object({
  sessionId: sessionIdSchema,
  phase: z.enum(['waiting', 'opening', 'mode', 'ready']),
  cwd: z.string(),
  mode: modeSchema,
  by: z.string(),
  /** The agent's id of the session to load; then of the session. */
  agentSession: z.string().nullable(),
  loading: z.boolean(),
  /** What the agent tells while it loads is the session's history, which is not here yet. */
  adopting: z.boolean().default(false),
  /** When it was put on the process, in ms since 1970; it has a limited time to open. */
  openingSinceMs: z.number().default(0),
  /** When session/cancel was sent, in ms since 1970; the turn has a limited time to end. */
  cancelledAtMs: z.number().nullable(),
  /** Cancelled by the host for this: the turn ends as interrupted. */
  putAsideFor: problemSchema.nullable().default(null),
  /** A tool call of it was seen: from here on a new process may be a tool's. */
  usedTools: z.boolean().default(false),
  /** Settings that are still to be set again after session/load. */
  settings: z.array(wantedSettingSchema).default([]),
  /** Its conversation is a new one: the next prompt follows a summary of what was said before. */
  recap: z.boolean().default(false),
  /** The agent's own name of the mode that it says it is in, while ours is asked for. */
  told: z.string().nullable().default(null),
  /** How often in this turn it was put back into its mode. */
  undone: z.object({ turn: z.number().int(), times: z.number().int() }).nullable().default(null),
  /** What the agent said of this turn's failing, where it ends such a turn as if it had gone well. */
  failing: z
    .object({
      hasFailed: z.boolean(),
      message: z.string(),
      data: z.record(z.string(), z.unknown()),
    })
    .nullable()
    .default(null),
});
export type Attached = z.infer<typeof attachedSchema>;

/** A session that is put on a process. */
export function newlyAttached(
  request: Pick<Attached, 'sessionId' | 'cwd' | 'mode' | 'by' | 'agentSession'> & {
    readonly adopts?: boolean;
  },
  nowMs: number,
): Attached {
  const { sessionId, cwd, mode, by, agentSession, adopts = false } = request;
  return {
    ...{ sessionId, cwd, mode, by, agentSession },
    phase: 'waiting',
    loading: false,
    adopting: adopts,
    openingSinceMs: nowMs,
    cancelledAtMs: null,
    putAsideFor: null,
    failing: null,
    told: null,
    undone: null,
    recap: false,
    usedTools: false,
    settings: [],
  };
}

/** What the driver remembers of an adapter process, committed with each step. */
export const memoSchema = z.object({
  /** What initialize told; null until then. */
  agent: z
    .object({
      name: z.string(),
      version: z.string(),
      load: z.boolean(),
      images: z.boolean(),
      close: z.boolean(),
    })
    .nullable(),
  /** What keeps it in its folder; null: nothing does. */
  sandbox: z.string().nullable().default(null),
  attached: z.array(attachedSchema),
  /** We asked it to end. */
  ending: z.boolean(),
  /** Why, in words for its sessions; null when that needs none. */
  endProblem: problemSchema.nullable().default(null),
  /** Its sessions that are not open yet begin anew with another process. */
  startsAgain: z.boolean().default(false),
  /** It is ended because its sessions are idle; each comes back with its next prompt. */
  hibernating: z.boolean().default(false),
  /** A tool call of any of its sessions was seen. */
  usedTools: z.boolean().default(false),
  /**
   * The processes that are the agent's own, by pid and start time; another one was left running by
   * a tool. null while it is not known.
   */
  own: z.array(z.string()).nullable().default(null),
});
export type Memo = z.infer<typeof memoSchema>;

/** Requests of ours that wait for the agent's answer, by what the answer means. */
export const outgoingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('initialize') }),
  z.object({ kind: z.literal('open') }),
  z.object({
    kind: z.literal('mode'),
    mode: modeSchema,
    native: z.string(),
    by: z.string(),
    opening: z.boolean(),
    /** Asked a second time, since it told of another mode meanwhile. */
    again: z.boolean().default(false),
    /** It went into this mode by itself, and is put back. */
    undoes: modeSchema.nullable().optional(),
  }),
  z.object({
    kind: z.literal('option'),
    /** It may bring a mode of its own: ours is set again. */
    resetsMode: z.boolean().default(false),
  }),
  wantedSettingSchema.extend({ kind: z.literal('setting') }),
  z.object({
    kind: z.literal('prompt'),
    turn: z.number().int(),
    commandId: commandIdSchema,
    /** The number of its line, filled in as it is put into the outbox. */
    n: z.number().int().optional(),
  }),
  z.object({ kind: z.literal('close') }),
  /** See acp-ping.ts. */
  z.object({ kind: z.literal('ping') }),
]);
export type Outgoing = z.infer<typeof outgoingSchema>;

/** Requests of the agent that wait for us: an open approval, or an answer on its way. */
export const incomingSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('permission'), approvalId: approvalIdSchema }),
  z.object({ kind: z.literal('question'), approvalId: approvalIdSchema }),
  z.object({
    kind: z.literal('delivery'),
    approvalId: approvalIdSchema,
    n: z.number().int(),
    question: z.boolean(),
  }),
]);
export type Incoming = z.infer<typeof incomingSchema>;

export const emptyMemo: Memo = {
  agent: null,
  sandbox: null,
  attached: [],
  ending: false,
  endProblem: null,
  startsAgain: false,
  hibernating: false,
  usedTools: false,
  own: null,
};

export function parseInstanceId(text: string) {
  return instanceIdSchema.parse(text);
}

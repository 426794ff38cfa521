import { z } from 'zod';
import { agentEntrySchema, installProgressSchema } from './agent.ts';
import { approvalMethods, approvalNotifications } from './approval-methods.ts';
import { approvalSchema } from './approval/approval.ts';
import { attentionMethods, attentionNotifications } from './attention-methods.ts';
import { attentionSchema } from './attention.ts';
import { auditHeadSchema } from './audit.ts';
import { agentIdSchema, commandIdSchema, epochSchema, sessionIdSchema } from './ids.ts';
import { MAX_TITLE_CHARS } from './limits.ts';
import { modeSchema } from './mode.ts';
import { nightSchema } from './night.ts';
import { sessionEventSchema } from './session/events.ts';
import {
  sessionStateFoldSchema,
  sessionStateSchema,
  sessionSummarySchema,
  turnSchema,
} from './session/state.ts';
import { deviceSchema, roleSchema } from './devices.ts';
import { localMethod, method } from './method.ts';
import { pairStateSchema } from './pairing.ts';
import { powerMethods, powerNotifications } from './power-methods.ts';
import { powerStateSchema } from './power.ts';
import {
  agentPulseSchema,
  reachMethods,
  reachNotifications,
  serviceStatusSchema,
} from './reach.ts';
import { deviceIdSchema } from './relay.ts';
import { remoteMethods } from './remote-methods.ts';
import { changesSchema, landResultSchema, landWaySchema } from './session/workspace.ts';
import { promptPartSchema } from './transcript/content.ts';

const nothing = z.object({});
const session = z.object({ sessionId: sessionIdSchema });
/** Every method that changes something carries the command id it is deduplicated by. */
const command = z.object({ commandId: commandIdSchema });
const sessionCommand = session.extend(command.shape);
const stateResult = z.object({ state: sessionStateSchema });

export const hostStatusSchema = z.object({
  running: z.literal(true),
  pid: z.number().int(),
  keeperPid: z.number().int(),
  version: z.string(),
  protocol: z.number().int(),
  uptimeSec: z.number(),
  /** How many sessions are not ended and not archived. */
  sessions: z.number().int(),
  /** Of the keeper, which an update of the host leaves as it is. An older host does not say. */
  keeperVersion: z.string().optional(),
  /** How many agent processes the keeper holds now. An older host does not say. */
  agents: z.number().int().optional(),
});
export type HostStatus = z.infer<typeof hostStatusSchema>;

/** Something wrong with the host that a person should know: config.json, the disk, the keeper. */
export const hostProblemSchema = z.object({ id: z.string(), message: z.string() });
export type HostProblem = z.infer<typeof hostProblemSchema>;

/** One of an agent's own conversations, begun in a terminal or here. */
export const conversationSchema = z.object({
  agentSession: z.string(),
  title: z.string(),
  cwd: z.string(),
  /** null where the agent does not say. */
  updatedAt: z.iso.datetime().nullable(),
  /** The session that goes on with it here. */
  sessionId: sessionIdSchema.nullable(),
});
export type Conversation = z.infer<typeof conversationSchema>;

export const followResultSchema = z.object({
  epoch: epochSchema,
  /** The session at its newest event. */
  state: sessionStateFoldSchema,
  /**
   * With a cursor of this epoch no more than TAIL_EVENTS behind: the events after it. Else the
   * newest ones, as many as TAIL_EVENTS and TAIL_BYTES allow, for the transcript's end.
   */
  events: z.array(sessionEventSchema),
  /** Whether `events` continues the given cursor; else the surface starts over from `state`. */
  continues: z.boolean(),
  /** seq of the first event of the session that is not in `events` and lies before them; 0 if none. */
  earlier: z.number().int(),
});
export type FollowResult = z.infer<typeof followResultSchema>;

/**
 * THE table: what a surface may ask of a host. The host's handlers and the surface's client are
 * both made from it; a missing handler does not compile. Add-only.
 */
export const methods = {
  /** First message on every connection. Fails with `wrongVersion` when versions do not meet. */
  hello: method(
    'viewer',
    z.object({
      protocol: z.number().int(),
      /** `window`, `tray`, `cli`, `editor`, `browser`: shown as "by" in the transcript. */
      surface: z.string().max(40),
      version: z.string().max(40),
    }),
    z.object({
      protocol: z.number().int(),
      version: z.string(),
      home: z.string(),
      epoch: epochSchema,
      /** What the host calls its machine. An older host does not say. */
      hostName: z.string().optional(),
      /** What brings the host back after a reboot. An older host does not say. */
      service: serviceStatusSchema.optional(),
      /** The paired device that this connection belongs to; absent for a local surface. */
      device: z.object({ id: deviceIdSchema, name: z.string(), role: roleSchema }).optional(),
    }),
  ),
  'host.status': method('viewer', nothing, hostStatusSchema),
  /** `all`: end agents, keeper and host. Else only the host ends, and the keeper starts it again. */
  'host.stop': localMethod(z.object({ all: z.boolean() }), nothing),
  /** Opens the loopback UI if it is not open. The link works once, for 120 s, from this machine. */
  'host.serveUi': localMethod(nothing, z.object({ url: z.url(), expiresAt: z.iso.datetime() })),

  /** Writes a copy of this home (history, config, worktrees) into a new file. May take minutes. */
  'host.backup': localMethod(
    z.object({ path: z.string().max(4_096) }),
    z.object({ path: z.string(), bytes: z.number().int(), sessions: z.number().int() }),
  ),

  'agents.list': method('viewer', nothing, z.object({ agents: z.array(agentEntrySchema) })),
  /** Takes minutes; progress arrives as `agents.installing`. A second call joins the first. */
  'agents.install': method(
    'operator',
    z.object({ agent: agentIdSchema }),
    z.object({ entry: agentEntrySchema }),
  ),
  'agents.remove': method(
    'operator',
    z.object({ agent: agentIdSchema }),
    z.object({ entry: agentEntrySchema }),
  ),

  'session.start': method(
    'operator',
    command.extend({
      /** Absent: the last used, else the only one found, else refused. */
      agent: agentIdSchema.optional(),
      /** Absolute. */
      cwd: z.string().max(4_096),
      /** Absent: the agent's `mode` in config.json, else ask. */
      mode: modeSchema.optional(),
      isolate: z.enum(['worktree', 'none']).optional(),
      share: z.boolean().default(false),
      title: z.string().max(MAX_TITLE_CHARS).optional(),
      prompt: z.array(promptPartSchema).max(100).optional(),
    }),
    z.object({ sessionId: sessionIdSchema, cwd: z.string(), worktree: z.string().nullable() }),
  ),
  'session.list': method(
    'viewer',
    z.object({ archived: z.boolean().default(false) }),
    z.object({
      sessions: z.array(sessionSummarySchema),
      /** What is wrong with the host itself, as in `desk.problems`. */
      problems: z.array(hostProblemSchema).default([]),
    }),
  ),
  'session.show': method(
    'viewer',
    session,
    z.object({ session: sessionStateFoldSchema, turns: z.array(turnSchema) }),
  ),
  'session.send': method(
    'operator',
    sessionCommand.extend({ prompt: z.array(promptPartSchema).min(1).max(100) }),
    /** 0: it runs now; n: after n other prompts. */
    z.object({ commandId: commandIdSchema, position: z.number().int() }),
  ),
  /** Takes a waiting prompt back. */
  'session.unqueue': method(
    'operator',
    sessionCommand.extend({ prompt: commandIdSchema }),
    nothing,
  ),
  /** Ends the turn; what is queued stays. */
  'session.cancel': method('operator', sessionCommand, stateResult),
  /** Ends the agent; the session can be resumed. */
  'session.stop': method('operator', sessionCommand, stateResult),
  'session.resume': method('operator', sessionCommand, stateResult),
  'session.archive': method(
    'operator',
    sessionCommand.extend({ archived: z.boolean().default(true) }),
    stateResult,
  ),
  'session.rename': method(
    'operator',
    sessionCommand.extend({ title: z.string().min(1).max(MAX_TITLE_CHARS) }),
    nothing,
  ),
  /**
   * Lowering it needs approver, raising it operator and `raise`, which says that the person was asked
   * about that; without it the call fails with `refused`, `data: {kind: 'raises', from, to}`.
   */
  'session.setMode': method(
    'approver',
    sessionCommand.extend({
      mode: modeSchema,
      raise: z.boolean().optional(),
      /** The version that the person saw; another one in force fails with `refused`. */
      version: z.number().int().optional(),
    }),
    z.object({ mode: modeSchema, version: z.number().int() }),
  ),
  /** One of the agent's own settings (model, effort …), see `AgentOption`. */
  'session.setOption': method(
    'operator',
    sessionCommand.extend({ option: z.string(), value: z.union([z.string(), z.boolean()]) }),
    nothing,
  ),

  /** Has the agent go on with a turn that was cut short, ahead of what waits. */
  'session.continue': method(
    'operator',
    sessionCommand,
    z.object({ commandId: commandIdSchema, position: z.number().int() }),
  ),
  /** What the session changed in its worktree since it began, committed or not. */
  'session.changes': method(
    'viewer',
    session.extend({ patch: z.boolean().default(false) }),
    changesSchema,
  ),
  /** Hands the work back to the base branch; commits what is not committed first. May take minutes. */
  'session.land': method(
    'operator',
    sessionCommand.extend({
      way: landWaySchema.default('merge'),
      /** Of the commit that `merge` and `squash` make; absent: the session's title. */
      message: z.string().max(10_000).optional(),
    }),
    landResultSchema,
  ),
  /** Removes the worktree. Refused when work would be lost, unless `force`; then a ref keeps it. */
  'session.discard': method(
    'operator',
    sessionCommand.extend({ force: z.boolean().default(false) }),
    z.object({ keptAs: z.string().nullable() }),
  ),
  /** The agent's own conversations, newest first, where it can list them. Starts it for that. */
  'agents.conversations': method(
    'operator',
    z.object({
      agent: agentIdSchema.optional(),
      /** Only those of this folder; absolute. */
      cwd: z.string().max(4_096).optional(),
    }),
    z.object({ agent: agentIdSchema, conversations: z.array(conversationSchema) }),
  ),
  /** Makes a session out of one of them, with its history. Refused while it is open elsewhere. */
  'session.adopt': method(
    'operator',
    command.extend({
      agent: agentIdSchema.optional(),
      agentSession: z.string().max(400),
      /** Where the agent does not say: the folder it ran in. */
      cwd: z.string().max(4_096).optional(),
      mode: modeSchema.optional(),
      share: z.boolean().default(false),
    }),
    z.object({ sessionId: sessionIdSchema }),
  ),

  /** Follow one session's events. One subscription a connection and session; again replaces it. */
  'session.follow': method(
    'viewer',
    session.extend({
      epoch: epochSchema.optional(),
      cursor: z.number().int().nonnegative().optional(),
    }),
    followResultSchema,
  ),
  'session.unfollow': method('viewer', session, nothing),
  /** Stored events with `after` < seq, or for older pages seq < `before`; oldest first. */
  'session.events': method(
    'viewer',
    session.extend({
      after: z.number().int().nonnegative().optional(),
      before: z.number().int().positive().optional(),
      limit: z.number().int().positive().max(2_000).default(500),
    }),
    z.object({ events: z.array(sessionEventSchema), more: z.boolean() }),
  ),
  /** Follow the list of sessions and the open approvals of all. */
  'desk.follow': method(
    'viewer',
    nothing,
    z.object({
      sessions: z.array(sessionSummarySchema),
      approvals: z.array(approvalSchema),
      problems: z.array(hostProblemSchema).default([]),
      /** From here on: absent with an older host. */
      auditHead: auditHeadSchema.nullable().optional(),
      night: nightSchema.nullable().optional(),
      power: powerStateSchema.optional(),
      attention: attentionSchema.optional(),
      pulses: z.array(agentPulseSchema).optional(),
    }),
  ),

  /** What a new session would find there: for the choice between a worktree and the folder itself. */
  'folder.look': method(
    'operator',
    z.object({ path: z.string().max(4_096) }),
    z.object({
      /** With its links resolved. */
      path: z.string(),
      git: z.object({ root: z.string(), branch: z.string().nullable() }).nullable(),
      /** Sessions that work in it, inside it or above it, and would have to be shared with. */
      sessions: z.array(sessionIdSchema),
    }),
  ),
  ...remoteMethods,
  ...approvalMethods,
  ...powerMethods,
  ...attentionMethods,
  ...reachMethods,

  /** For a folder picker where the shell has none (browser, phone): folders below `path`. */
  'folder.list': method(
    'operator',
    z.object({ path: z.string().max(4_096).optional() }),
    z.object({
      path: z.string(),
      parent: z.string().nullable(),
      folders: z.array(z.string()),
      git: z.boolean(),
    }),
  ),
} as const;

/** What a host tells a surface without being asked, and what a surface tells a host. */
export const notifications = {
  /** Host → surface. In order, each once a connection. */
  'session.events': z.object({ sessionId: sessionIdSchema, events: z.array(sessionEventSchema) }),
  /** Host → surface, after `desk.follow`: a summary changed in more than its numbers. */
  'desk.session': z.object({ session: sessionSummarySchema }),
  'desk.approvals': z.object({ approvals: z.array(approvalSchema) }),
  /** A session was forgotten (see `history.keepArchivedDays`): from here on it is not found. */
  'desk.forgotten': session,
  /** What is wrong with the host itself now: the whole list, empty when all is well. */
  'desk.problems': z.object({ problems: z.array(hostProblemSchema) }),
  ...approvalNotifications,
  ...powerNotifications,
  ...attentionNotifications,
  ...reachNotifications,
  'agents.installing': installProgressSchema,
  /** Host → local surface, after `pair.follow` or `pair.offer`. */
  'pair.state': z.object({ state: pairStateSchema }),
  /** Host → local surface, after `devices.list`: the whole list as it is now. */
  'devices.changed': z.object({ devices: z.array(deviceSchema) }),
  /** The host is about to end; a surface reconnects. */
  'host.stopping': z.object({ reason: z.string() }),
  /** Surface → host. */
  'session.ack': z.object({ sessionId: sessionIdSchema, seq: z.number().int() }),
} as const;

/** Those that a surface tells its host. */
export const SURFACE_NOTIFICATIONS = ['session.ack', 'surface.active', 'desktop.shown'] as const;
export type SurfaceNotificationName = (typeof SURFACE_NOTIFICATIONS)[number];

export type MethodName = keyof typeof methods;
export type Params<M extends MethodName> = z.input<(typeof methods)[M]['params']>;
export type ParsedParams<M extends MethodName> = z.output<(typeof methods)[M]['params']>;
export type Result<M extends MethodName> = z.output<(typeof methods)[M]['result']>;
export type NotificationName = keyof typeof notifications;
export type NotificationParams<N extends NotificationName> = z.output<(typeof notifications)[N]>;

import { assertNever } from '../../base/assert-never.ts';
import type { ToolPatch } from '../transcript/tool-call.ts';
import type { SessionEvent, TurnOutcome } from './events.ts';
import type { SessionState, SessionStateName } from './state.ts';

/**
 * Folds one event into a session's state; pure, so host and surfaces agree. The first event of a
 * session is `session.created`. An event at or below `lastSeq` changes nothing, which makes
 * replays after a reconnect harmless.
 */
export function reduce(state: SessionState | null, event: SessionEvent): SessionState {
  if (state === null) return created(event);
  if (event.seq <= state.lastSeq) return state;
  const applied = apply(state, event);
  // What `apply` has made is nobody else's yet: a second copy would be half of this function's time.
  const next = applied === state ? { ...state } : applied;
  next.state = stateName(next);
  next.lastSeq = event.seq;
  next.updatedAt = event.at;
  return next;
}

/** What follows a turn that ended badly may no longer be wanted: "run the tests", then "push". */
const HOLDING_OUTCOMES: ReadonlySet<TurnOutcome> = new Set(['interrupted', 'failed']);

/** What the host does by policy, not because somebody asked. */
export const BY_HOST = 'host';

function created(event: SessionEvent): SessionState {
  if (event.type !== 'session.created')
    throw new Error(`A session's first event must be session.created, not ${event.type}`);
  return {
    id: event.sessionId,
    agent: event.agent,
    title: event.title,
    named: event.named ?? false,
    cwd: event.cwd,
    worktree: event.worktree,
    origin: event.origin ?? null,
    worktreeState: event.origin === undefined ? null : 'planned',
    shared: event.shared ?? false,
    state: 'starting',
    parked: null,
    autoContinues: 0,
    mode: event.mode,
    modeVersion: 0,
    nativeMode: null,
    instance: null,
    agentSession: event.adopts ?? null,
    agentName: null,
    sandbox: null,
    accepts: { images: false, load: false },
    turn: null,
    queue: [],
    held: false,
    approvals: [],
    allowed: [],
    openTools: [],
    plan: [],
    options: [],
    commands: [],
    usage: null,
    problem: null,
    archived: false,
    createdAt: event.at,
    updatedAt: event.at,
    heardAt: event.at,
    lastSeq: event.seq,
  };
}

function apply(state: SessionState, event: SessionEvent): SessionState {
  switch (event.type) {
    case 'session.created':
      return state;
    case 'session.titled':
      return { ...state, title: event.title, named: event.by !== 'agent' };
    case 'session.failed':
      return {
        ...state,
        state: 'failed',
        problem: event.problem,
        instance: null,
        parked: null,
        held: state.queue.length > 0,
      };
    case 'session.ended':
      return { ...state, state: 'ended', instance: null, queue: [], parked: null };
    case 'session.archived':
      return { ...state, archived: event.archived };
    case 'session.parked': {
      const { until, reason, attempt } = event;
      return { ...state, state: 'parked', parked: { until, reason, attempt } };
    }
    case 'session.unparked':
      return state.parked === null
        ? state
        : { ...state, state: 'idle', parked: null, held: state.queue.length > 0 && !event.goesOn };
    case 'worktree.made':
      return { ...state, worktreeState: 'made' };
    case 'worktree.landed':
      return { ...state, worktreeState: 'landed' };
    case 'worktree.discarded':
      return { ...state, worktreeState: 'discarded' };
    case 'agent.starting':
      return { ...state, state: 'starting', instance: event.instance, held: false, problem: null };
    case 'agent.started':
      return {
        ...state,
        state: 'idle',
        instance: event.instance,
        agentSession: event.agentSession,
        agentName: event.name,
        sandbox: event.sandbox ?? null,
        accepts: event.accepts,
        problem: null,
      };
    case 'agent.exited':
      return state.instance === event.instance ? { ...state, instance: null } : state;
    case 'prompt.queued': {
      const { commandId, prompt, by } = event;
      const queued = { commandId, prompt, by };
      return {
        ...state,
        queue: event.ahead === true ? [queued, ...state.queue] : [...state.queue, queued],
        held: false,
        autoContinues: by === BY_HOST ? state.autoContinues + 1 : 0,
      };
    }
    case 'prompt.dropped':
      return { ...state, queue: state.queue.filter((p) => p.commandId !== event.commandId) };
    case 'turn.started':
      return {
        ...state,
        queue: state.queue.filter((p) => p.commandId !== event.commandId),
        turn: { turn: event.turn, startedAt: event.at, endedAt: null, outcome: null },
        heardAt: event.at,
        problem: null,
      };
    case 'turn.ended':
      return {
        ...state,
        autoContinues: event.outcome === 'completed' ? 0 : state.autoContinues,
        turn: state.turn && { ...state.turn, endedAt: event.at, outcome: event.outcome },
        problem: event.problem ?? state.problem,
        held: state.queue.length > 0 && HOLDING_OUTCOMES.has(event.outcome),
      };
    case 'agent.text':
    case 'agent.thought':
    case 'agent.image':
    case 'agent.link':
      return { ...state, heardAt: event.at };
    case 'tool.updated':
      return { ...state, openTools: openTools(state, event), heardAt: event.at };
    case 'plan.updated':
      return { ...state, plan: event.entries, heardAt: event.at };
    case 'mode.changed':
      return {
        ...state,
        mode: event.mode,
        nativeMode: event.native,
        modeVersion: event.version,
      };
    case 'options.changed':
      return { ...state, options: event.options };
    case 'commands.changed':
      return { ...state, commands: event.commands };
    case 'usage.updated': {
      const { used, size, cost } = event;
      return { ...state, usage: { used, size, ...(cost && { cost }) } };
    }
    case 'approval.opened':
      return { ...state, approvals: [...state.approvals, event.approval], heardAt: event.at };
    case 'approval.decided':
      return {
        ...state,
        approvals: state.approvals.filter((a) => a.id !== event.approvalId),
        allowed: withAllowed(state, event),
      };
    case 'approval.closed':
      return {
        ...state,
        approvals: state.approvals.filter((a) => a.id !== event.approvalId),
        allowed: withoutAllowed(state, event.approvalId),
      };
    case 'approval.finished':
      return { ...state, allowed: withoutAllowed(state, event.approvalId) };
    case 'unrecognized':
    case 'user.text':
    case 'context.compacted':
    case 'notice':
    case 'approval.delivered':
    case 'machine.sleeping':
    case 'machine.woke':
      return state;
    default:
      return passedOver(state, event);
  }
}

/** Only a call whose end its agent will tell can be waited for. */
function withAllowed(
  state: SessionState,
  { approvalId, allowed }: { readonly approvalId: string; readonly allowed: boolean },
): SessionState['allowed'] {
  const approval = state.approvals.find(({ id }) => id === approvalId);
  if (!allowed || approval?.toolCallId === undefined) return state.allowed;
  return [...state.allowed, { approvalId: approval.id, toolCallId: approval.toolCallId }];
}

function withoutAllowed(state: SessionState, approvalId: string): SessionState['allowed'] {
  return state.allowed.some((each) => each.approvalId === approvalId)
    ? state.allowed.filter((each) => each.approvalId !== approvalId)
    : state.allowed;
}

/** A newer host's event that is not known here; that every known type is handled, the type says. */
function passedOver(state: SessionState, _event: never): SessionState {
  return state;
}

function openTools(state: SessionState, tool: ToolPatch): string[] {
  const open = state.openTools.includes(tool.toolCallId);
  if (tool.status === 'completed' || tool.status === 'failed')
    return open ? state.openTools.filter((id) => id !== tool.toolCallId) : state.openTools;
  // Without a status an update says nothing of whether the call still runs.
  return open || tool.status === undefined
    ? state.openTools
    : [...state.openTools, tool.toolCallId];
}

/** What a person sees: a lifecycle state set by an event, refined by what is open. */
function stateName(state: SessionState): SessionStateName {
  switch (state.state) {
    case 'starting':
    case 'failed':
    case 'ended':
    case 'parked':
      return state.state;
    case 'idle':
    case 'working':
    case 'waiting':
      if (state.approvals.length > 0) return 'waiting';
      if (state.turn !== null && state.turn.endedAt === null) return 'working';
      if (state.parked !== null) return 'parked';
      return state.queue.length > 0 && !state.held ? 'working' : 'idle';
    default:
      return assertNever(state.state, 'session state');
  }
}

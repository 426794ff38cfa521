import type { LinkState } from '../../src/connection/reconnect.ts';
import type { AgentEntry, InstallProgress } from '../../src/protocol/agent.ts';
import type { Approval, Receipt } from '../../src/protocol/approval/approval.ts';
import type { SessionId } from '../../src/protocol/ids.ts';
import type { FollowResult, HostProblem, Result } from '../../src/protocol/methods.ts';
import type { Attention } from '../../src/protocol/attention.ts';
import type { LidReport, PowerState } from '../../src/protocol/power.ts';
import type { Night } from '../../src/protocol/night.ts';
import type { AgentPulse } from '../../src/protocol/reach.ts';
import type { SessionEvent } from '../../src/protocol/session/events.ts';
import { reduce } from '../../src/protocol/session/reduce.ts';
import {
  summaryOf,
  type SessionState,
  type SessionSummary,
} from '../../src/protocol/session/state.ts';
import {
  NO_ITEMS,
  appendItems,
  prependItems,
  type TranscriptItems,
} from '../../src/protocol/transcript/items.ts';
import type { KeptSession } from './host-memory.ts';

/** The session on screen, with the part of its transcript that is loaded. */
export interface OpenSession {
  readonly sessionId: SessionId;
  readonly phase: 'loading' | 'open' | 'lost';
  /** Why it was lost, in words. */
  readonly reason: string | null;
  readonly state: SessionState | null;
  readonly items: TranscriptItems;
  /** seq of the newest event before the loaded ones; 0 when all is loaded. */
  readonly earlier: number;
  readonly loadingEarlier: boolean;
}

export interface HostState {
  readonly link: LinkState;
  /** False until the first answer to `desk.follow`: then an empty list means "none". */
  readonly deskReady: boolean;
  readonly sessions: readonly SessionSummary[];
  readonly approvals: readonly Approval[];
  /** How far decisions have come, of those told since this surface is connected. */
  readonly receipts: Readonly<Record<string, Receipt>>;
  /** undefined: not asked yet. */
  readonly night: Night | null | undefined;
  /** When the last night ended, if that was lately and its page was not looked at since. */
  readonly morning: string | null;
  /** null: not told yet, or an older host. */
  readonly power: PowerState | null;
  /** Of the lid that was closed or opened last, as far as it was told since this surface is connected. */
  readonly lidReport: LidReport | null;
  /** It said that its machine goes to sleep, and was not heard of since. */
  readonly asleep: { readonly at: string; readonly why: string } | null;
  /** What asks for a person; null: not told yet, or an older host. */
  readonly attention: Attention | null;
  /** What the agents are doing that are neither idle nor gone. */
  readonly pulses: readonly AgentPulse[];
  readonly problems: readonly HostProblem[];
  readonly agents: readonly AgentEntry[] | null;
  readonly installing: Readonly<Record<string, InstallProgress>>;
  readonly open: OpenSession | null;
}

export const INITIAL_HOST_STATE: HostState = {
  link: { kind: 'stopped' },
  deskReady: false,
  sessions: [],
  approvals: [],
  receipts: {},
  night: undefined,
  morning: null,
  power: null,
  lidReport: null,
  asleep: null,
  attention: null,
  pulses: [],
  problems: [],
  agents: null,
  installing: {},
  open: null,
};

export function withDesk(state: HostState, desk: Result<'desk.follow'>): HostState {
  return {
    ...state,
    deskReady: true,
    sessions: desk.sessions,
    approvals: desk.approvals,
    problems: desk.problems,
    night: desk.night === undefined ? state.night : desk.night,
    power: desk.power ?? null,
    attention: desk.attention ?? null,
    pulses: desk.pulses ?? [],
    asleep: null,
  };
}

/** Puts a summary in the place of its older self; one that is behind what is known changes nothing. */
export function withSummary(state: HostState, summary: SessionSummary): HostState {
  const index = state.sessions.findIndex(({ id }) => id === summary.id);
  const known = state.sessions[index];
  if (known === undefined) return { ...state, sessions: [...state.sessions, summary] };
  if (known.lastSeq > summary.lastSeq) return state;
  return { ...state, sessions: state.sessions.with(index, summary) };
}

export function withoutSession(state: HostState, sessionId: SessionId): HostState {
  return { ...state, sessions: state.sessions.filter(({ id }) => id !== sessionId) };
}

/** What is told of more decisions than this pushes out the oldest. */
const MAX_RECEIPTS = 200;

export function withReceipt(
  state: HostState,
  { approvalId, receipt }: { readonly approvalId: string; readonly receipt: Receipt },
): HostState {
  const kept = Object.entries(state.receipts).filter(([id]) => id !== approvalId);
  return {
    ...state,
    receipts: Object.fromEntries([...kept.slice(1 - MAX_RECEIPTS), [approvalId, receipt]]),
  };
}

export function withOpening(state: HostState, sessionId: SessionId | null): HostState {
  if (sessionId === null) return { ...state, open: null };
  const open: OpenSession = {
    sessionId,
    phase: 'loading',
    reason: null,
    state: null,
    items: NO_ITEMS,
    earlier: 0,
    loadingEarlier: false,
  };
  return { ...state, open };
}

/** Shown until the host answers, which goes on from it or starts over. */
export function withKept(state: HostState, sessionId: SessionId, kept: KeptSession): HostState {
  const { open } = state;
  if (open === null || open.sessionId !== sessionId || open.phase !== 'loading') return state;
  return withOpen(state, {
    ...open,
    phase: 'open',
    state: kept.state,
    items: appendItems(NO_ITEMS, kept.events),
    earlier: kept.earlier,
  });
}

export function withFollowed(
  state: HostState,
  sessionId: SessionId,
  result: FollowResult,
): HostState {
  const { open } = state;
  if (open === null || open.sessionId !== sessionId) return state;
  const continues = result.continues && open.phase === 'open';
  const items = appendItems(continues ? open.items : NO_ITEMS, result.events);
  return withOpen(state, {
    ...open,
    phase: 'open',
    reason: null,
    state: result.state,
    items,
    earlier: continues ? open.earlier : result.earlier,
    loadingEarlier: false,
  });
}

export function withEvents(
  state: HostState,
  sessionId: SessionId,
  events: readonly SessionEvent[],
): HostState {
  const { open } = state;
  if (open === null || open.sessionId !== sessionId || open.state === null) return state;
  let folded: SessionState = open.state;
  for (const event of events) folded = reduce(folded, event);
  return withOpen(state, { ...open, state: folded, items: appendItems(open.items, events) });
}

export function withEarlier(
  state: HostState,
  sessionId: SessionId,
  page: Result<'session.events'>,
): HostState {
  const { open } = state;
  if (open === null || open.sessionId !== sessionId) return state;
  const items = prependItems(open.items, page.events);
  const first = page.events[0];
  const earlier = page.more && first !== undefined ? first.seq - 1 : 0;
  return { ...state, open: { ...open, items, earlier, loadingEarlier: false } };
}

export function withLost(state: HostState, sessionId: SessionId, reason: string): HostState {
  const { open } = state;
  if (open === null || open.sessionId !== sessionId) return state;
  return { ...state, open: { ...open, phase: 'lost', reason } };
}

/** The open session is fresher than the desk's summary of it; the list shows what is known best. */
function withOpen(state: HostState, open: OpenSession): HostState {
  const next = { ...state, open };
  return open.state === null ? next : withSummary(next, summaryOf(open.state));
}

import type { Problem, TurnOutcome } from '../../protocol/session/events.ts';
import type { SessionState } from '../../protocol/session/state.ts';

/** `sessions` of config.json, with its defaults. */
export interface RecoveryPolicy {
  readonly afterInterruption: 'offer' | 'continue';
  readonly afterNetworkError: 'offer' | 'retry';
  readonly afterUsageLimit: 'offer' | 'wait';
  /** How often in a row a session goes on by itself. */
  readonly tries: number;
}

export const DEFAULT_POLICY: RecoveryPolicy = {
  afterInterruption: 'offer',
  afterNetworkError: 'retry',
  afterUsageLimit: 'wait',
  tries: 3,
};

export interface TurnEnd {
  readonly outcome: TurnOutcome;
  readonly problem: Problem | null;
  /** This turn was itself the second try of one that broke on the network. */
  readonly wasRetried: boolean;
  /** See `SessionState.autoContinues`. */
  readonly autoContinues: number;
}

export type NextStep =
  /** It ended as turns end. */
  | { readonly do: 'nothing' }
  /** A person decides whether it goes on. */
  | { readonly do: 'offer' }
  | { readonly do: 'goOn'; readonly notice: string }
  | {
      readonly do: 'park';
      readonly untilMs: number;
      readonly reason: string;
      readonly attempt: number;
    };

/** What woke up with the machine, or lost its Wi-Fi, is mostly back by then. */
export const NETWORK_PAUSE_MS = 5_000;
/** Clocks differ, and so that not all sessions of an account come at the same instant. */
export const LIMIT_JITTER_MS = 30_000;
/** When the limit is still there although its time is over, by the number of the attempt. */
const LIMIT_PAUSES_MS = [30_000, 5 * 60_000, 15 * 60_000, 60 * 60_000];
/** No limit lasts longer than a month; a later time was read wrongly. */
const MAX_PARKED_MS = 32 * 24 * 3_600_000;

/** What follows the end of a turn. Pure; `random` is in [0, 1). */
export function nextStep(
  end: TurnEnd,
  policy: RecoveryPolicy,
  nowMs: number,
  random: number,
): NextStep {
  const mayGoOn = end.autoContinues < policy.tries;
  if (end.outcome === 'interrupted') {
    const isGone = end.problem === null || end.problem.kind === 'exited';
    if (policy.afterInterruption === 'offer' || !isGone || !mayGoOn) return { do: 'offer' };
    return {
      do: 'goOn',
      notice: 'The turn was cut short. The agent is told to go on, as config.json says.',
    };
  }
  if (end.outcome !== 'failed') return { do: 'nothing' };
  if (end.problem?.kind === 'network') {
    if (policy.afterNetworkError === 'offer' || end.wasRetried || !mayGoOn) return { do: 'offer' };
    return {
      do: 'park',
      untilMs: nowMs + NETWORK_PAUSE_MS,
      reason: 'The way to the model broke. It is tried once more.',
      attempt: end.autoContinues + 1,
    };
  }
  if (end.problem?.kind === 'limit') {
    const { resetsAt } = end.problem;
    if (policy.afterUsageLimit === 'offer' || resetsAt === undefined || !mayGoOn)
      return { do: 'offer' };
    const resetsMs = Date.parse(resetsAt);
    if (Number.isNaN(resetsMs) || resetsMs > nowMs + MAX_PARKED_MS) return { do: 'offer' };
    const attempt = end.autoContinues + 1;
    const pauseMs = LIMIT_PAUSES_MS[Math.min(attempt, LIMIT_PAUSES_MS.length) - 1] ?? 0;
    return {
      do: 'park',
      untilMs: Math.round(Math.max(resetsMs, nowMs + pauseMs) + LIMIT_JITTER_MS * random),
      reason: end.problem.message,
      attempt,
    };
  }
  return { do: 'nothing' };
}

/** Turns that a person may have continued: whatever kept the agent from coming to its end. */
const CUT_SHORT: ReadonlySet<string> = new Set(['interrupted', 'failed', 'cancelled', 'limited']);

/** Why the session cannot be told to continue, in words; null when it can. */
export function whyNotContinue(state: SessionState): string | null {
  const { id, turn } = state;
  if (state.archived) return `The session ${id} is archived: bring it back first.`;
  if (turn === null) return `The session ${id} has had no turn: send it a prompt.`;
  if (turn.endedAt === null) return `The session ${id} works: there is nothing to continue.`;
  if (turn.outcome === null || !CUT_SHORT.has(turn.outcome))
    return `The last turn of ${id} came to its end (${turn.outcome}): there is nothing to continue. Send a prompt.`;
  if (state.queue.length > 0 && !state.held && state.parked === null)
    return `The session ${id} goes on already: a prompt is about to be sent.`;
  return null;
}

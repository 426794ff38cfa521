import type { Pulse } from '../../protocol/reach.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { ProcessLook } from './seen.ts';

/** Heard of within this, an agent is at work, whatever else is seen of it. */
export const LATELY_MS = 20_000;
/** A process whose event loop stands for so long does not answer at all: a busy one is late by less. */
export const HANGS_AFTER_MS = 20_000;
/** Where nothing can be seen from outside, a model is believed to think for so long. */
const BELIEVED_MS = 5 * 60_000;

/** What is known of the process behind a session; null: there is none. */
export interface AgentFacts extends ProcessLook {
  /** How long the question whether it is there waits for an answer; null: it answered, or was not asked. */
  readonly unansweredMs: number | null;
}

export interface Judged {
  readonly pulse: Pulse;
  readonly because: string;
}

/** What an agent is doing, from its session and what is seen of its process. */
export function pulseOf(
  state: Pick<SessionState, 'state' | 'heardAt' | 'openTools' | 'approvals' | 'turn'>,
  facts: AgentFacts | null,
  nowMs: number,
): Judged {
  if (facts === null) return { pulse: 'gone', because: 'It has no process now.' };
  const runs = state.turn !== null && state.turn.endedAt === null;
  if (facts.stopped === true)
    return { pulse: 'hangs', because: 'Its process is stopped: somebody has suspended it.' };
  if (facts.unansweredMs !== null && facts.unansweredMs >= HANGS_AFTER_MS)
    return {
      pulse: 'hangs',
      because: `Its process runs and has not answered for ${seconds(facts.unansweredMs)}.`,
    };
  if (state.approvals.length > 0) return { pulse: 'waitsForYou', because: 'It has asked you.' };
  if (state.state === 'starting') return { pulse: 'working', because: 'It is starting.' };
  if (!runs) return { pulse: 'idle', because: 'It has nothing to do.' };
  // A clock that was set back must not make it silent, nor heard of in the future.
  const quietMs = Math.max(0, nowMs - Date.parse(state.heardAt));
  if (quietMs < LATELY_MS) return { pulse: 'working', because: 'It was heard of just now.' };
  const [tool] = state.openTools;
  if (tool !== undefined) return { pulse: 'runsTool', because: 'A tool that it started runs.' };
  if (facts.connections !== null && facts.connections > 0)
    return {
      pulse: 'waitsForModel',
      because: 'It answers, and has an open connection, as to its model.',
    };
  if (facts.connections === null && quietMs < BELIEVED_MS)
    return { pulse: 'waitsForModel', because: 'It answers, and its model may be thinking.' };
  return {
    pulse: 'silent',
    because:
      facts.connections === 0
        ? 'It answers, runs no tool and has no connection to a model.'
        : 'It answers, and has said nothing for minutes.',
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}

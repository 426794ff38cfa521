import type { RpcError } from '../../../protocol/envelope.ts';
import type { Problem, TurnOutcome } from '../../../protocol/session/events.ts';
import type { AgentProfile } from '../profile.ts';
import { clip } from './acp-text.ts';
import { troubleOf } from './acp-trouble.ts';

/** ACP's "Authentication required". */
const AUTH_REQUIRED = -32_000;
const MESSAGE_CHARS = 2_000;

/**
 * Words that the adapters use for a missing or expired sign-in under other codes: Claude reports an
 * expired one as an internal error with the API's text. Goes when every adapter sends -32000.
 */
const SIGN_IN_WORDS =
  /authentication[_ ]?(required|error|failed)|not (logged|signed) in|please run \/login|invalid (x-)?api[- ]?key|oauth token (has )?expired|login (has )?expired|api key (not|is not) (found|set|valid)|401 unauthorized|\b401\b.*(auth|token|key)/i;

/** ACP's "Resource not found". */
const NOT_FOUND = -32_002;
/**
 * What Claude's adapter answers when its `claude` has died, and from then on. Goes when adapters
 * say so with a code.
 */
const PROCESS_GONE_WORDS = /process exited unexpectedly|session has ended\. please start a new/i;

/**
 * The adapter lives, but what it had of the session is gone with a process of its own: `during` the
 * turn, or `before` it, when the prompt reached nobody. null: it is another error.
 */
export function sessionLost(error: RpcError): 'during' | 'before' | null {
  if (error.code === NOT_FOUND && namesSession(error)) return 'before';
  return PROCESS_GONE_WORDS.test(detailOf(error)) ? 'during' : null;
}

/** ACP (Unknown Sessions): `data.sessionId` says it; older adapters say it in words. */
function namesSession({ message, data }: RpcError): boolean {
  const inData = typeof data === 'object' && data !== null && 'sessionId' in data;
  return inData || /session/i.test(message);
}

/**
 * An agent's JSON-RPC error in words for people; a missing sign-in is told with its remedy, a limit
 * with its end.
 */
export function problemOfError(error: RpcError, profile: AgentProfile, nowMs: number): Problem {
  const detail = detailOf(error);
  if (error.code === AUTH_REQUIRED || SIGN_IN_WORDS.test(detail))
    return signInProblem(profile, detail);
  const trouble = troubleOf(error, detail, profile, nowMs) ?? { kind: 'other' };
  return { ...trouble, message: `${profile.name}: ${clip(detail, MESSAGE_CHARS).text}` };
}

export function signInProblem(profile: AgentProfile, detail: string): Problem {
  const said = detail === '' ? '' : ` It says: ${clip(detail, MESSAGE_CHARS).text}`;
  return {
    kind: 'signIn',
    message: `${profile.name} is not signed in, or its sign-in has expired.${said}`,
    ...(profile.signIn !== null && { fix: profile.signIn }),
  };
}

/** How a turn ended, from the agent's `stopReason`; one that we do not know still ended it. */
export function outcomeOf(stopReason: string): TurnOutcome {
  switch (stopReason) {
    case 'cancelled':
      return 'cancelled';
    case 'refusal':
      return 'refused';
    case 'max_tokens':
    case 'max_turn_requests':
      return 'limited';
    default:
      return 'completed';
  }
}

/** Adapters put the cause in `data`: a text, `{message}`, `{details}` or `{error}`. */
function detailOf(error: RpcError): string {
  const { data } = error;
  if (typeof data === 'string' && data !== '') return `${error.message}: ${data}`;
  if (typeof data !== 'object' || data === null) return error.message;
  for (const key of ['message', 'details', 'error']) {
    const value: unknown = Object.entries(data).find(([name]) => name === key)?.[1];
    if (typeof value === 'string' && value !== '' && value !== error.message)
      return `${error.message}: ${value}`;
  }
  return error.message;
}

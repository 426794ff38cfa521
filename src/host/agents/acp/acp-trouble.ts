import type { RpcError } from '../../../protocol/envelope.ts';
import type { Problem } from '../../../protocol/session/events.ts';
import type { AgentProfile } from '../profile.ts';
import { resetTime } from './reset-time.ts';

/**
 * Words for a broken way to the model that Node, Rust and the model APIs share: the codes of
 * sockets and names (`getaddrinfo ENOTFOUND`), undici's and Bun's `fetch`, and 5xx answers.
 */
const NETWORK_WORDS =
  /\b(ECONNRESET|ECONNREFUSED|ECONNABORTED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE|ENETDOWN|ENETUNREACH|EHOSTUNREACH|UND_ERR_\w+|ConnectionRefused|ConnectionClosed)\b|\bgetaddrinfo\b|fetch failed|failed to fetch|socket hang up|network (error|connection|is down)|connection (error|reset|refused|closed|lost|dropped)|unable to connect|socket connection was closed|error sending request|stream (disconnected|closed) before|request timed out|\boverloaded(_error)?\b|internal server error|bad gateway|service unavailable|gateway time-?out|\b(API Error:?|status( code)?:?|HTTP) ?5\d\d\b/i;

/** An account's allowance is used up. "Context limit" and "rate of retries" are other things. */
const LIMIT_WORDS =
  /usage limit|hit your .{0,40}limit|reached your .{0,60}limit|limit reached|rate[- _]?limit|too many requests|quota (exceeded|exhausted)|exceeded your current quota|exhausted your .{0,40}(quota|capacity)|out of .{0,10}usage|free usage exceeded|resource[_ ]exhausted|insufficient_quota|\bstatus:? 429\b|\bAPI Error:? 429\b/i;

export type Trouble = Pick<Problem, 'kind' | 'resetsAt'> & { readonly kind: 'network' | 'limit' };

/**
 * Whether an error says that the way to the model broke, or that the account's allowance is used
 * up and until when. What the adapter tells as data comes first, its words after that.
 */
export function troubleOf(
  error: RpcError,
  words: string,
  profile: AgentProfile,
  nowMs: number,
): Trouble | null {
  const marks = marksOf(error);
  const told = profile.troubles;
  const isTold = (list: readonly string[] | undefined) => list?.some((mark) => marks.has(mark));
  if (isTold(told?.limit) || (!isTold(told?.network) && LIMIT_WORDS.test(words))) {
    const resetsMs = resetTime(words, nowMs);
    return {
      kind: 'limit',
      ...(resetsMs !== null && { resetsAt: new Date(resetsMs).toISOString() }),
    };
  }
  if (isTold(told?.network) || NETWORK_WORDS.test(words)) return { kind: 'network' };
  return null;
}

/** `code:429`, `errorKind:overloaded`, `codexErrorInfo:usageLimitExceeded`: what a profile may name. */
function marksOf({ code, data }: RpcError): ReadonlySet<string> {
  const marks = new Set([`code:${code}`]);
  if (typeof data !== 'object' || data === null) return marks;
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'string' || typeof value === 'number') marks.add(`${key}:${value}`);
    // Codex: an enum of Rust with fields is an object with one key.
    else if (typeof value === 'object' && value !== null)
      for (const name of Object.keys(value)) marks.add(`${key}:${name}`);
  }
  return marks;
}

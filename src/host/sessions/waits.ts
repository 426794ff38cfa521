import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { PREPARE_TIMEOUT_MS, START_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Result } from '../../protocol/methods.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { untilState } from './until-state.ts';

const MODE_LIMIT_MS = 15_000;
/** A refusal is among the latest events. */
const MODE_EVENTS = 50;

/** Resolves when the agent has taken the session; throws an {@link RpcFailure} in words when not. */
export async function untilStarted(
  log: EventLog,
  id: SessionId,
  limitMs = START_TIMEOUT_MS,
): Promise<void> {
  const isPrepared = (each: SessionState) => each.state !== 'starting' || each.instance !== null;
  if ((await untilState(log, id, isPrepared, PREPARE_TIMEOUT_MS)) === null)
    throw new RpcFailure(
      'refused',
      `The worktree of the session ${id} was not ready within ${PREPARE_TIMEOUT_MS / 60_000} min; it may still become so. See: porchlight show ${id}`,
    );
  const state = await untilState(log, id, (each) => each.state !== 'starting', limitMs);
  if (state === null)
    throw new RpcFailure(
      'refused',
      `The agent did not accept the session ${id} within ${limitMs / 1_000} s; it may still do so.`,
    );
  if (state.state !== 'failed' || state.problem === null) return;
  const { message, fix, kind } = state.problem;
  const text =
    fix === undefined ? message : `${message} ${kind === 'signIn' ? `Sign in with: ${fix}` : fix}`;
  throw new RpcFailure(kind === 'signIn' ? 'notSignedIn' : 'refused', text, {
    sessionId: id,
    ...(fix && { command: fix }),
  });
}

/** How the driver's notice of a refusal begins. */
const MODE_REFUSED = 'The agent did not take the mode ';

/**
 * Resolves when the mode is in force and no change is under way; throws with the agent's refusal,
 * noted after `since`, or when another change came after this one.
 */
export async function untilMode(
  log: EventLog,
  wanted: { id: SessionId; mode: Mode; since: number; isChanging(): boolean },
): Promise<Result<'session.setMode'>> {
  const { id, mode, since, isChanging } = wanted;
  const state = await untilState(log, id, () => !isChanging(), MODE_LIMIT_MS);
  if (state?.mode === mode) return { mode, version: state.modeVersion };
  throw new RpcFailure('refused', whyNot(log, id, mode, since, state));
}

function whyNot(
  log: EventLog,
  id: SessionId,
  mode: Mode,
  since: number,
  state: SessionState | null,
): string {
  if (state === null)
    return `The agent did not confirm the mode ${mode} within ${MODE_LIMIT_MS / 1_000} s.`;
  const refusal = log
    .events(id, { after: since, limit: MODE_EVENTS, newest: true })
    .findLast((event) => event.type === 'notice' && event.text.startsWith(MODE_REFUSED));
  if (refusal?.type === 'notice') return refusal.text;
  return state.mode === null
    ? `The agent did not take the mode ${mode}: it is in one of its own, ${state.nativeMode}.`
    : `The agent did not take the mode ${mode}: it is in the mode ${state.mode}.`;
}

import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { START_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Result } from '../../protocol/methods.ts';
import type { Mode } from '../../protocol/mode.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { untilState } from './until-state.ts';

const MODE_LIMIT_MS = 15_000;

/** Resolves when the agent has taken the session; throws an {@link RpcFailure} in words when not. */
export async function untilStarted(log: EventLog, id: SessionId): Promise<void> {
  const state = await untilState(log, id, (each) => each.state !== 'starting', START_TIMEOUT_MS);
  if (state === null)
    throw new RpcFailure(
      'refused',
      `The agent did not accept the session ${id} within ${START_TIMEOUT_MS / 1_000} s; it may still do so.`,
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

/** Resolves when the mode is in force; throws with the agent's refusal, noted after `since`. */
export async function untilMode(
  log: EventLog,
  id: SessionId,
  mode: Mode,
  since: number,
): Promise<Result<'session.setMode'>> {
  let refusal: string | null = null;
  const undo = log.follow(id, (events) => {
    for (const event of events)
      if (event.seq > since && event.type === 'notice' && event.by === 'host') refusal = event.text;
  });
  try {
    const state = await untilState(
      log,
      id,
      (each) => each.mode === mode || refusal !== null,
      MODE_LIMIT_MS,
    );
    if (state?.mode === mode) return { mode, version: state.modeVersion };
    throw new RpcFailure(
      'refused',
      refusal ?? `The agent did not confirm the mode ${mode} within ${MODE_LIMIT_MS / 1_000} s.`,
    );
  } finally {
    undo();
  }
}

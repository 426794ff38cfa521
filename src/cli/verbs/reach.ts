import { RpcFailure } from '../../protocol/errors.ts';
import { PREPARE_TIMEOUT_MS, START_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Cli } from '../cli.ts';
import { CliFailure } from '../failure.ts';
import { ask } from '../host/host-link.ts';
import { sessionIdOf } from '../ids.ts';
import { reachText } from '../output/reach-text.ts';

/** The host answers within 7 s, with what has not by then as such. */
const PROBE_LIMIT_MS = 15_000;
/** An agent that hangs is waited for until it is ended, then one is started. */
const RESTART_LIMIT_MS = PREPARE_TIMEOUT_MS + START_TIMEOUT_MS + 40_000;

/** `porchlight reach`: 0 once it was probed, also where something is down. */
export async function probeReach(cli: Cli): Promise<void> {
  const asked = ask(cli, 'reach.probe', {}, PROBE_LIMIT_MS);
  const { reach } = await asked.catch(tooOld('tell what it reaches'));
  const { relay, devices, sessions, ...more } = reach;
  await cli.out.answer({ relay, devices, sessions, ...more }, () =>
    reachText(reach, cli.out.columns),
  );
}

/** `porchlight restart ID`: ends the session's agent however it stands, and brings it back. */
export async function restartSession(cli: Cli, given: string): Promise<void> {
  const sessionId = await sessionIdOf(cli, given);
  const params = { sessionId, commandId: cli.newCommandId() };
  const asked = ask(cli, 'session.restart', params, RESTART_LIMIT_MS);
  const { state } = await asked.catch(tooOld('restart an agent'));
  await cli.out.answer({ state }, () => `${sessionId} has its agent anew; it is ${state}.`);
}

/** For a host of an older build, which does not know what it is asked. */
export function tooOld(cannot: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof RpcFailure && (error.is('methodNotFound') || error.is('notBuilt')))
      throw new CliFailure(
        `The host that runs is older and cannot ${cannot}. Bring it to this version: porchlight host restart`,
      );
    throw error;
  };
}

import type { CommandId, InstanceId, SessionId } from '../../protocol/ids.ts';
import type { Problem } from '../../protocol/session/events.ts';
import type { SessionState, SessionStateName } from '../../protocol/session/state.ts';
import type { AgentDriver, AgentPings } from '../agents/driver.ts';
import type { EventLog } from '../event-log/event-log.ts';
import type { Commands } from '../sessions/commands.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { untilState } from '../sessions/until-state.ts';

/** The keeper gives a process 6 s to end, and then ends it; a busy machine is late. */
const GONE_LIMIT_MS = 30_000;
/** A process that serves other sessions too is asked first: if it answers, they keep it. */
const ASK_LIMIT_MS = 3_000;

export interface RestartNeeds {
  readonly log: EventLog;
  readonly commands: Pick<Commands, 'once' | 'earlier'>;
  readonly driver: Pick<AgentDriver, 'cutOff' | 'isOpen'>;
  readonly pings: AgentPings;
  readonly sessions: Pick<Sessions, 'state' | 'resume'>;
  newCommandId(): CommandId;
}

/**
 * Ends the session's agent however it stands, and brings it back: with its own conversation where the
 * agent can, and the turn cut short, to be continued.
 */
export async function restartSession(
  needs: RestartNeeds,
  id: SessionId,
  commandId: CommandId,
  by: string,
): Promise<{ state: SessionStateName }> {
  const { log, commands, driver, sessions } = needs;
  const { instance } = sessions.state(id);
  const hangs = instance !== null && !(await answers(needs, instance));
  commands.once(commandId, (tx) => {
    driver.cutOff(tx, id, RESTARTED, hangs);
    return { state: tx.state(id)?.state ?? 'idle' };
  });
  await untilState(log, id, (state) => isOff(state, instance), GONE_LIMIT_MS);
  return await sessions.resume(id, needs.newCommandId(), by);
}

async function answers({ pings }: RestartNeeds, instance: InstanceId): Promise<boolean> {
  return (await pings.ask(instance, ASK_LIMIT_MS).catch(() => null)) !== null;
}

function isOff(state: SessionState, instance: InstanceId | null): boolean {
  return instance === null || state.instance !== instance;
}

const RESTARTED: Problem = { kind: 'other', message: 'The agent was restarted.' };

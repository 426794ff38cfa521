import type { InstanceStatus } from '../../../protocol/keeper.ts';
import type { Problem } from '../../../protocol/session/events.ts';
import type { AgentProfile } from '../profile.ts';

const STDERR_CHARS = 400;

export const STOPPED: Problem = {
  kind: 'exited',
  message: 'The agent was ended because Porchlight was told to stop.',
};

/** Why an agent's process is gone, in words for people. */
export function exitProblem(
  profile: AgentProfile | null,
  status: InstanceStatus | null,
  stderr: string,
): Problem {
  const name = profile?.name ?? 'The agent';
  if (status === null)
    return { kind: 'exited', message: `${name} was ended with the keeper that held it.` };
  if (status.spawnError !== null) return spawnProblem(name, status.spawnError);
  const how =
    status.signal === null ? `with code ${status.code ?? 'unknown'}` : `by ${status.signal}`;
  const said = stderr.trim().slice(-STDERR_CHARS);
  return {
    kind: 'exited',
    message: `${name} exited ${how}.${said === '' ? '' : ` Its last words: ${said}`}`,
  };
}

function spawnProblem(name: string, code: string): Problem {
  if (code.includes('ENOENT'))
    return {
      kind: 'missing',
      message: `${name} could not be started: its program or the session's folder does not exist.`,
      fix: 'See "porchlight agents" and "porchlight doctor".',
    };
  if (code.includes('EACCES'))
    return {
      kind: 'missing',
      message: `${name} could not be started: its program is not executable.`,
      fix: 'Make it executable, or name another command in config.json.',
    };
  return { kind: 'missing', message: `${name} could not be started: ${code}` };
}

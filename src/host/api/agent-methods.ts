import type { AgentEntry, InstallProgress } from '../../protocol/agent.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import { AgentUnavailable } from '../agents/agent-unavailable.ts';
import type { Handlers } from './handlers.ts';

/** What the methods need of the installed agents. */
export interface InstalledAgents {
  list(): Promise<AgentEntry[]>;
  install(agent: string, onProgress: (progress: InstallProgress) => void): Promise<void>;
  remove(agent: string): Promise<void>;
}

type AgentMethods = Pick<Handlers, 'agents.list' | 'agents.install' | 'agents.remove'>;

export function agentMethods(
  agents: InstalledAgents,
  tell: (progress: InstallProgress) => void,
): AgentMethods {
  const underWay = new Map<string, Promise<void>>();
  const entryOf = async (id: string): Promise<AgentEntry> => {
    const entry = (await agents.list()).find((each) => each.id === id);
    if (entry === undefined)
      throw new RpcFailure('notFound', `There is no agent "${id}": see "porchlight agents".`);
    return entry;
  };
  return {
    'agents.list': async () => ({ agents: await agents.list() }),
    'agents.install': async ({ agent }) => {
      const entry = await entryOf(agent);
      if (entry.installable === null)
        throw new RpcFailure(
          'refused',
          `${entry.name} needs no installation, or we do not know how to install it.`,
        );
      const install =
        underWay.get(agent) ?? agents.install(agent, tell).finally(() => underWay.delete(agent));
      underWay.set(agent, install);
      try {
        await install;
      } catch (error) {
        throw new RpcFailure('refused', wordsOf(error));
      }
      return { entry: await entryOf(agent) };
    },
    'agents.remove': async ({ agent }) => {
      await entryOf(agent);
      if (underWay.has(agent))
        throw new RpcFailure('refused', `${agent} is being installed: wait until that has ended.`);
      try {
        await agents.remove(agent);
      } catch (error) {
        throw new RpcFailure('refused', error instanceof Error ? error.message : String(error));
      }
      return { entry: await entryOf(agent) };
    },
  };
}

function wordsOf(error: unknown): string {
  if (error instanceof AgentUnavailable) return `${error.message} ${error.fix}`;
  return error instanceof Error ? error.message : String(error);
}

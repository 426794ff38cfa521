import { useHost } from './host-context.tsx';

/** An agent as people call it; its id while the list of agents is not known. */
export function useAgentName(id: string): string {
  return useHost((host) => host.agents?.find((agent) => agent.id === id)?.name ?? id);
}

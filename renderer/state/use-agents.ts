import { useEffect } from 'react';
import { useHost, useWorld } from './host-context.tsx';

/** Which modes an agent can prove is known only from the list of agents. */
export function useAgents(): void {
  const { link } = useWorld();
  const isUp = useHost((host) => host.link.kind === 'up');
  useEffect(() => {
    // Asked again with the next connection; until then modes cannot be chosen, and nothing breaks.
    if (isUp) link.loadAgents().catch(() => {});
  }, [link, isUp]);
}

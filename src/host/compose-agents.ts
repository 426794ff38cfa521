import { randomUUID } from 'node:crypto';
import { delimiter, join } from 'node:path';
import type { Logger } from '../base/log.ts';
import type { Home } from '../local/home.ts';
import type { InstalledAgents } from './api/agent-methods.ts';
import type { ConfigFile } from './config/config.ts';
import { AgentCatalogue } from './agents/catalogue.ts';
import type { Env } from './agents/clean-env.ts';
import { installAgent, removeAgent, type InstallNeeds } from './agents/install.ts';
import { shellProbeFor } from './agents/login-shell-probe.ts';
import { LoginShell } from './agents/login-shell.ts';
import type { OwnNode } from './agents/node-program.ts';

export interface AgentsNeeds {
  readonly home: Home;
  /** Folder of the built programs. */
  readonly dist: string;
  readonly own: OwnNode;
  readonly config: ConfigFile;
  readonly logger: Logger;
}

export interface Agents {
  readonly catalogue: AgentCatalogue;
  readonly installed: InstalledAgents;
  /** The login shell's environment, without anything of ours. */
  loginEnv(this: void): Promise<Env>;
  /** Asks the login shell ahead of the first session. */
  start(): void;
  /** Ends what is being installed. */
  close(): void;
}

/** Which agents this machine has, how they are installed, and what they are started with. */
export function composeAgents({ home, dist, own, config, logger }: AgentsNeeds): Agents {
  const loginShell = new LoginShell({
    hostEnv: process.env,
    probe: shellProbeFor(process.platform),
    pathSeparator: delimiter,
    logger,
    nowMs: () => Date.now(),
  });
  const loginEnv = async () => await loginShell.env();
  const catalogue = new AgentCatalogue({
    config: () => config.current(),
    loginEnv,
    agentsFolder: home.agents,
    dist,
    own,
    demoFolder: join(home.root, 'demo'),
  });
  const installs: InstallNeeds = {
    agentsFolder: home.agents,
    loginEnv,
    own,
    shippedNpm: null,
    randomId: randomUUID,
  };
  const leaving = new AbortController();
  return {
    catalogue,
    installed: {
      list: async () => await catalogue.list(),
      install: async (agent, onProgress) =>
        await installAgent(agent, { needs: installs, onProgress, signal: leaving.signal }),
      remove: async (agent) => await removeAgent(agent, installs, leaving.signal),
    },
    loginEnv,
    start: () => loginShell.start(),
    close: () => leaving.abort(new Error('the host leaves')),
  };
}

import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../../src/base/log.ts';
import type { AgentConfig } from '../../../src/protocol/config.ts';
import { AgentCatalogue } from '../../../src/host/agents/catalogue.ts';
import { installAgent } from '../../../src/host/agents/install.ts';
import { probeLoginShell } from '../../../src/host/agents/login-shell.posix.ts';
import { LoginShell } from '../../../src/host/agents/login-shell.ts';
import { AGENTS_CACHE } from '../../fakes/record-transcript.ts';

export interface Scratch {
  readonly home: string;
  readonly workspace: string;
  remove(): void;
}

/** A home of its own and a folder to work in. */
export function makeScratch(): Scratch {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'agents-')));
  const [home, workspace] = [join(dir, 'home'), join(dir, 'workspace')];
  mkdirSync(home);
  mkdirSync(workspace);
  return { home, workspace, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

const own = { execPath: process.execPath, isElectron: false };

/** The real catalogue over the real login shell of `hostEnv`, with the tests' cache of agents. */
export function realCatalogue(
  hostEnv: NodeJS.ProcessEnv,
  agents: Record<string, AgentConfig>,
): AgentCatalogue {
  const shell = new LoginShell({
    hostEnv,
    probe: probeLoginShell,
    pathSeparator: ':',
    logger: silentLogger,
    nowMs: () => Date.now(),
  });
  return new AgentCatalogue({
    config: () => ({ agents }),
    loginEnv: async () => await shell.env(),
    agentsFolder: AGENTS_CACHE,
    dist: 'dist',
    own,
    demoFolder: join(AGENTS_CACHE, 'demo'),
  });
}

/** Installs the agent into the shared cache when it is not there at our version; minutes on a slow line. */
export async function ensureInstalled(id: string, hostEnv: NodeJS.ProcessEnv): Promise<void> {
  const needs = {
    agentsFolder: AGENTS_CACHE,
    loginEnv: async () => await probeLoginShell(hostEnv),
    own,
    shippedNpm: null,
    randomId: () => String(process.pid),
  };
  await installAgent(id, {
    needs,
    onProgress: () => undefined,
    signal: AbortSignal.timeout(10 * 60_000),
  });
}

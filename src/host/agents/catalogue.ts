import { delimiter, isAbsolute, join } from 'node:path';
import type { AgentEntry } from '../../protocol/agent.ts';
import { BUILT_IN_AGENTS, type AgentConfig, type Config } from '../../protocol/config.ts';
import type { Mode } from '../../protocol/mode.ts';
import { AgentUnavailable } from './agent-unavailable.ts';
import type { Env } from './clean-env.ts';
import { findOnPath, programState } from './find-program.ts';
import { installedAdapter } from './installed.ts';
import type { Launcher } from './launchers/launcher.ts';
import { BUILT_IN_LAUNCHERS, launcherOf } from './launchers/launchers.ts';
import { environmentFor } from './launch-env.ts';
import { nodeRun, ownNodeRun, type NodeRun, type OwnNode } from './node-program.ts';
import type { AgentProfile, Launch } from './profile.ts';
import { packageVersion, ProgramVersions } from './program-version.ts';

export interface CatalogueNeeds {
  config(): Config;
  /** The login shell's environment, without anything of ours. */
  loginEnv(): Promise<Env>;
  /** Where `agents install` puts adapters: `home.agents`. */
  readonly agentsFolder: string;
  /** Folder of the built programs, for the demo agent. */
  readonly dist: string;
  readonly own: OwnNode;
  /** Where the demo agent keeps its conversations, inside the home. */
  readonly demoFolder: string;
}

interface Found {
  readonly from: NonNullable<AgentEntry['from']>;
  readonly run: NodeRun;
  readonly version: string | null;
  /** The agent's own binary, for an adapter that must be told where it is. */
  readonly brought?: string | null;
}

/** Which agents there are on this machine, and how each is started. */
export class AgentCatalogue {
  readonly #needs: CatalogueNeeds;
  readonly #versions = new ProgramVersions();

  constructor(needs: CatalogueNeeds) {
    this.#needs = needs;
  }

  /** Every agent we know and every one in config.json, found or not. */
  async list(): Promise<AgentEntry[]> {
    const ids = [
      ...BUILT_IN_LAUNCHERS.map(({ profile }) => profile.id),
      ...Object.keys(this.#needs.config().agents),
    ];
    const env = await this.#needs.loginEnv();
    return await Promise.all([...new Set(ids)].map(async (id) => await this.#entry(id, env)));
  }

  /** Null for an id that is neither built in nor in config.json. */
  async entry(id: string): Promise<AgentEntry | null> {
    return this.knows(id) ? await this.#entry(id, await this.#needs.loginEnv()) : null;
  }

  knows(id: string): boolean {
    return (
      (BUILT_IN_AGENTS as readonly string[]).includes(id) ||
      Object.hasOwn(this.#needs.config().agents, id)
    );
  }

  profile(id: string): AgentProfile {
    return launcherOf(id).profile;
  }

  /** The mode of a new session for which none was asked. */
  defaultMode(id: string): Mode {
    return this.#configOf(id)?.mode ?? 'ask';
  }

  /**
   * All that is needed to start the agent so that it can be put into `mode`. Throws
   * {@link AgentUnavailable} with the fix when it is unknown, not installed or not executable, or
   * cannot prove that mode.
   */
  async launch(id: string, mode: Mode): Promise<Launch> {
    if (!this.knows(id))
      throw new AgentUnavailable(`There is no agent named ${id}.`, 'See "porchlight agents".');
    const launcher = launcherOf(id);
    checkMode(launcher.profile, mode);
    const login = await this.#needs.loginEnv();
    const config = this.#configOf(id);
    const { run, brought } = await this.#find(launcher, config, login);
    const own = launcher.ownBinary && {
      variable: launcher.ownBinary.variable,
      path: findOnPath(launcher.ownBinary.name, login) ?? brought ?? null,
    };
    return {
      profile: launcher.profile,
      command: run.command,
      args: [...run.args, ...(config?.args ?? launcher.args)],
      env: environmentFor({ login, launcher, mode, own, config: config?.env ?? {}, run: run.env }),
    };
  }

  async #entry(id: string, login: Env): Promise<AgentEntry> {
    const launcher = launcherOf(id);
    const { profile, adapter } = launcher;
    const config = this.#configOf(id);
    const found = await this.#find(launcher, config, login).catch((error: unknown) => {
      if (error instanceof AgentUnavailable) return null;
      throw error;
    });
    return {
      id,
      name: profile.name,
      found: found !== null,
      version: found?.version ?? null,
      command: found && [found.run.command, ...found.run.args, ...(config?.args ?? launcher.args)],
      from: found?.from ?? null,
      modes: Object.keys(profile.modes.native),
      installable: adapter && { version: adapter.version, bytes: adapter.bytes },
      signIn: profile.signIn,
    };
  }

  #configOf(id: string): AgentConfig | undefined {
    const { agents } = this.#needs.config();
    return Object.hasOwn(agents, id) ? agents[id] : undefined;
  }

  /** config.json, then PATH, then what `agents install` put there, then what we ship. */
  async #find(launcher: Launcher, config: AgentConfig | undefined, login: Env): Promise<Found> {
    const { id, name } = launcher.profile;
    if (config?.command !== undefined) {
      const command = configured(id, config.command, login);
      return { from: 'config', run: { command, args: [], env: {} }, version: null };
    }
    for (const program of launcher.onPath) {
      const command = findOnPath(program, login);
      if (command === null) continue;
      const version = await this.#versions.of(command, login);
      return { from: 'path', run: { command, args: [], env: {} }, version };
    }
    if (launcher.adapter !== null) return await this.#findInstalled(launcher, login);
    const script = join(this.#needs.dist, 'demo-agent', 'main.js');
    if (id !== 'demo' || programState(script) === 'missing')
      throw new AgentUnavailable(
        `${name} is missing: there is no ${script}.`,
        'Install Porchlight again, or build it.',
      );
    return {
      from: 'built-in',
      run: demoRun(script, this.#needs),
      version: this.#ownVersion(),
    };
  }

  async #findInstalled({ profile, adapter }: Launcher, login: Env): Promise<Found> {
    const installed = adapter && installedAdapter(this.#needs.agentsFolder, profile.id, adapter);
    if (!installed)
      throw new AgentUnavailable(
        `${profile.name} was not found: it is not on PATH and not in ${this.#needs.agentsFolder}.`,
        `porchlight agents install ${profile.id}`,
      );
    const run =
      installed.kind === 'script'
        ? await nodeRun(installed.path, login, this.#needs.own, this.#versions)
        : { command: installed.path, args: [], env: {} };
    const needsTelling = this.#needs.own.isElectron && run.command === this.#needs.own.execPath;
    return {
      from: 'installed',
      run,
      version: installed.version,
      brought: needsTelling ? installed.brought : null,
    };
  }

  #ownVersion(): string | null {
    return packageVersion(join(this.#needs.dist, '..', 'package.json'));
  }
}

/** The command that config.json gives, as a path; throws when it cannot be run. */
function configured(id: string, command: string, login: Env): string {
  const fix = `Correct agents.${id}.command in config.json.`;
  if (!isAbsolute(command)) {
    if (/[\\/]/.test(command))
      throw new AgentUnavailable(
        `The command ${command} of the agent ${id} is a relative path.`,
        `${fix} Give a whole path, or a name on PATH.`,
      );
    const found = findOnPath(command, login);
    if (found !== null) return found;
    const folders = (login.PATH ?? '').split(delimiter).length;
    throw new AgentUnavailable(
      `The command ${command} of the agent ${id} is in none of the ${folders} folders on PATH.`,
      fix,
    );
  }
  switch (programState(command)) {
    case 'executable':
      return command;
    case 'notExecutable':
      throw new AgentUnavailable(
        `The command ${command} of the agent ${id} is not executable.`,
        `chmod +x ${command}, or: ${fix}`,
      );
    case 'missing':
      throw new AgentUnavailable(`The command ${command} of the agent ${id} does not exist.`, fix);
  }
}

function checkMode({ name, modes }: AgentProfile, mode: Mode): void {
  if (modes.native[mode] !== undefined) return;
  const offered = Object.keys(modes.native).join(', ');
  throw new AgentUnavailable(
    `${name} cannot prove that it is in the mode ${mode}.`,
    `Use one of: ${offered}.`,
  );
}

function demoRun(script: string, { own, demoFolder }: CatalogueNeeds): NodeRun {
  const run = ownNodeRun(script, own);
  return { ...run, args: [...run.args, '--state', demoFolder] };
}

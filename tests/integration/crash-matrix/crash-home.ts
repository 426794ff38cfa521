import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKeeper } from '../../../src/local/ensure-host.ts';
import { homeOf, makeHome, type Home } from '../../../src/local/home.ts';
import type { SessionId } from '../../../src/protocol/ids.ts';
import type { SessionState } from '../../../src/protocol/session/state.ts';
import { dist, eventually, newCommandId, text } from '../support/host-under-test.ts';
import {
  isRunning,
  killHard,
  processesOfInstance,
  runningProcesses,
  type RunningProcess,
} from '../support/processes.ts';
import { RecordingSurface } from '../support/recording-surface.ts';

const PROGRAMS = ['keeper', 'host'] as const;
const END_LIMIT_MS = 30_000;

/** While this file is in the session's folder, the agent does not get on with starting. */
export const HOLD_START = 'hold-start';

/** A home with programs of its own, so that one of them can be replaced, and a surface on it. */
export class CrashHome {
  readonly folder = mkdtempSync(join(tmpdir(), 'porchlight-crash-'));
  readonly home: Home = homeOf({ PORCHLIGHT_HOME: join(this.folder, 'home') });
  readonly workspace = join(this.folder, 'workspace');
  readonly surface = new RecordingSurface(this.home);
  readonly #app = join(this.folder, 'app');
  readonly #config: (folder: string) => object;

  constructor(config: (folder: string) => object = configFor) {
    this.#config = config;
  }

  /** Starts the keeper as the service does. */
  async start(): Promise<void> {
    makeHome(this.home);
    mkdirSync(this.workspace);
    this.#install('1.0.0');
    symlinkSync(join(dist, '..', 'node_modules'), join(this.#app, 'node_modules'));
    writeFileSync(
      this.home.config,
      JSON.stringify({ power: { keepAwake: 'off' }, ...this.#config(this.folder) }),
    );
    this.startKeeper();
    await this.surface.connect();
  }

  startKeeper(): void {
    startKeeper(this.home, { dist: join(this.#app, 'dist'), execPath: process.execPath });
  }

  /** Puts another build in place; the next host that is started is one of it. */
  upgrade(version: string): void {
    this.#install(version);
  }

  path(name: string): string {
    return join(this.workspace, name);
  }

  /** The lines of a file that commands of the agent write to. */
  lines(name: string): string[] {
    if (!existsSync(this.path(name))) return [];
    return readFileSync(this.path(name), 'utf8').split('\n').filter(Boolean);
  }

  async status(): Promise<{ pid: number; keeperPid: number; version: string }> {
    return await this.surface.client.call('host.status', {});
  }

  async state(sessionId: SessionId): Promise<SessionState> {
    return (await this.surface.client.call('session.show', { sessionId })).session;
  }

  async until(sessionId: SessionId, fits: (state: SessionState) => boolean): Promise<SessionState> {
    let last: SessionState | null = null;
    try {
      return await eventually(async () => {
        last = await this.state(sessionId);
        return fits(last) ? last : null;
      });
    } catch (error) {
      throw new Error(`The session is ${JSON.stringify(last)}`, { cause: error });
    }
  }

  async send(sessionId: SessionId, prompt: string): Promise<string> {
    const commandId = newCommandId();
    await this.surface.client.call('session.send', { sessionId, commandId, prompt: text(prompt) });
    return commandId;
  }

  /** Adapter, own binary and shells of the session's agent, as they run now. */
  async agentProcesses(sessionId: SessionId): Promise<AgentProcesses> {
    const { instance } = await this.state(sessionId);
    const all = instance === null ? [] : processesOfInstance(instance);
    const adapter = all.find(({ parent }) => !all.some(({ pid }) => pid === parent));
    const binary = all.find(({ parent, command }) => parent === adapter?.pid && isNode(command));
    return {
      all,
      adapter,
      binary,
      shells: all.filter(({ command }) => /^(\/bin\/)?sh /.test(command)),
    };
  }

  /** Everything of this home that runs, agents too. */
  processes(instances = this.#instances()): RunningProcess[] {
    const mine = runningProcesses();
    return mine.filter(({ home, command, instance }) =>
      home === this.home.root || command.includes(this.folder)
        ? true
        : instance !== null && instances.has(instance),
    );
  }

  /** Ends all in good order; answers what is left all the same, after killing it. */
  async end({ keep = false, instances = this.#instances() } = {}): Promise<string[]> {
    try {
      if (!this.surface.isConnected) await this.surface.connect();
      const { pid, keeperPid } = await this.status();
      await this.surface.client.call('host.stop', { all: true }, END_LIMIT_MS);
      await eventually(
        async () =>
          runningProcesses().some((each) => [pid, keeperPid].includes(each.pid)) ? null : true,
        END_LIMIT_MS,
      );
    } catch {
      // What has not ended is told below.
    }
    this.surface.cut();
    const left = this.processes(instances);
    for (const each of left) if (isRunning(each)) killHard(each.pid);
    if (!keep) this.remove();
    return left.map(({ command }) => command);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #instances(): Set<string> {
    return new Set(
      this.surface
        .all()
        .flatMap((event) => (event.type === 'agent.starting' ? [event.instance] : [])),
    );
  }

  #install(version: string): void {
    for (const program of PROGRAMS) {
      mkdirSync(join(this.#app, 'dist', program), { recursive: true });
      copyFileSync(join(dist, program, 'main.js'), join(this.#app, 'dist', program, 'main.js'));
    }
    writeFileSync(
      join(this.#app, 'package.json'),
      JSON.stringify({ name: 'porchlight', type: 'module', version }),
    );
  }
}

function configFor(folder: string): object {
  const begin = `echo begun >> starts; while [ -e ${HOLD_START} ]; do sleep 0.02; done`;
  const agent = join(dist, 'demo-agent', 'main.js');
  const state = join(folder, 'conversations');
  const args = [agent, '--speed', '1000', '--own-binary', '--state', state, '--start-command'];
  return {
    agents: { crash: { command: process.execPath, args: [...args, begin] } },
    sessions: { afterInterruption: 'offer', isolate: 'none' },
  };
}

export interface AgentProcesses {
  readonly all: readonly RunningProcess[];
  readonly adapter: RunningProcess | undefined;
  readonly binary: RunningProcess | undefined;
  readonly shells: readonly RunningProcess[];
}

const isNode = (command: string): boolean => command.startsWith(process.execPath);

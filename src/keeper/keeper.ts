import type { Server, Socket } from 'node:net';
import type { Logger } from '../base/log.ts';
import type { Home } from '../local/home.ts';
import { KEEPER_PROTOCOL, type KeeperAnswer, type KeeperRequest } from '../protocol/keeper.ts';
import type { Agents } from './agents.ts';
import { isAnswering, listen } from '../local/private-socket.ts';
import { HostConnection, Refused } from './host-connection.ts';
import { HostProcess, type HostChoice } from './host-process.ts';
import { acquireLock } from '../local/process-lock.ts';
import type { ProcessTree } from './process-tree.ts';
import type { Reaper } from './reaper.ts';

const HELLO_LIMIT_MS = 5_000;
/** A keeper that is stopping takes up to 10 s for its agents and 7 s for its host. */
const PREDECESSOR_LIMIT_MS = 20_000;
const PREDECESSOR_LOOK_MS = 50;

export interface KeeperDeps {
  readonly home: Home;
  readonly version: string;
  /** Made once the home is this keeper's alone. */
  readonly hostChoice: () => HostChoice;
  readonly agents: Agents;
  readonly reaper: Reaper;
  readonly tree: ProcessTree;
  readonly log: Logger;
  readonly random: () => number;
  /** Called once, when there is nothing left to do. */
  readonly exit: (code: number) => void;
}

/** One per home: holds the agents, keeps a host running, serves one connection of that host. */
export class Keeper {
  readonly #deps: KeeperDeps;
  #host: HostProcess | null = null;
  #server: Server | null = null;
  #connection: HostConnection | null = null;
  #stopping: Promise<void> | null = null;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  /** False when another keeper serves this home: there is nothing to do. */
  async start(): Promise<boolean> {
    const { home, reaper, log } = this.#deps;
    if (!(await this.#isAlone())) return false;
    await reaper.clearLeftovers();
    this.#server = await listen(home.keeperSocket, (socket) => this.#onSocket(socket));
    if (this.#server === null) return false;
    this.#server.on('error', (error) =>
      log.error({ err: error.message }, 'a connection could not be accepted'),
    );
    log.info({ pid: process.pid, version: this.#deps.version }, 'keeper started');
    this.#host = this.#makeHost();
    this.#host.start();
    return true;
  }

  /** Ends the agents, then the host, then this process. */
  async stop(reason: string): Promise<void> {
    this.#stopping ??= this.#end(reason);
    await this.#stopping;
  }

  async #end(reason: string): Promise<void> {
    const { agents, log, exit } = this.#deps;
    log.info({ reason }, 'keeper stops');
    await this.#endAgents();
    await this.#host?.stop();
    this.#connection?.close();
    agents.dispose();
    log.info({}, 'keeper stopped');
    exit(0);
  }

  #makeHost(): HostProcess {
    const { hostChoice, agents, reaper, log, random } = this.#deps;
    return new HostProcess(hostChoice(), {
      log,
      random,
      events: {
        pidChanged: (pid) => void reaper.hostStarted(pid),
        holdsAgents: () => agents.areRunning,
        gaveUp: () => void this.stop('the host refuses to start'),
      },
    });
  }

  async #endAgents(): Promise<void> {
    // Nobody finds this keeper any more; one that is started now waits until it is gone.
    this.#server?.close();
    await this.#deps.agents.endAll();
  }

  /** Takes the home's lock, waiting for a keeper that is on its way out. */
  async #isAlone(): Promise<boolean> {
    const { home, tree } = this.#deps;
    const me = await tree.find(process.pid);
    if (me === null)
      throw new Error('The list of processes does not show this one: is /proc mounted?');
    const isAlive = async (key: { pid: number; startedAt: string }): Promise<boolean> =>
      (await tree.find(key.pid))?.startedAt === key.startedAt;
    for (let waited = 0; waited <= PREDECESSOR_LIMIT_MS; waited += PREDECESSOR_LOOK_MS) {
      const lock = await acquireLock(home.keeperState, me, isAlive);
      if (lock.held) return true;
      if (await isAnswering(home.keeperSocket)) return false;
      await new Promise((resolve) => setTimeout(resolve, PREDECESSOR_LOOK_MS));
    }
    throw new Error(
      `Another keeper of ${home.root} neither serves nor ends. Look for its pid in ${home.keeperState} and end it.`,
    );
  }

  #onSocket(socket: Socket): void {
    const { log } = this.#deps;
    const hello = setTimeout(() => connection.close(), HELLO_LIMIT_MS);
    const connection: HostConnection = new HostConnection(socket, {
      log,
      events: {
        request: async (request) => {
          if (request.do === 'hello') clearTimeout(hello);
          return await this.#request(connection, request);
        },
        closed: () => {
          clearTimeout(hello);
          if (this.#connection !== connection) return;
          log.info({}, 'host disconnected');
          this.#use(null);
        },
      },
    });
  }

  async #request(from: HostConnection, request: KeeperRequest): Promise<KeeperAnswer> {
    if (request.do === 'hello') return this.#hello(from, request);
    if (from !== this.#connection) throw new Refused('helloFirst', 'Say hello first');
    if (request.do !== 'stop') return await this.#deps.agents.request(request);
    await this.#endAgents();
    // The answer goes out before the host is asked to end.
    setImmediate(() => void this.stop('asked to'));
    return { do: 'stop' };
  }

  #hello(from: HostConnection, request: Extract<KeeperRequest, { do: 'hello' }>): KeeperAnswer {
    if (request.protocol !== KEEPER_PROTOCOL)
      throw new Refused(
        'wrongProtocol',
        `This keeper speaks protocol ${KEEPER_PROTOCOL}, the host ${request.protocol}: run "porchlight host stop", then start again`,
      );
    this.#deps.log.info(
      { hostPid: request.hostPid, hostVersion: request.hostVersion },
      'host connected',
    );
    const before = this.#connection;
    this.#use(from);
    if (before !== from) before?.close();
    return {
      do: 'hello',
      protocol: KEEPER_PROTOCOL,
      pid: process.pid,
      version: this.#deps.version,
    };
  }

  #use(connection: HostConnection | null): void {
    this.#connection = connection;
    this.#deps.agents.connection = connection;
  }
}

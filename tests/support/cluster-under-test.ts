import { once } from 'node:events';
import { freePorts } from './nats-server.ts';
import { NatsUnderTest } from './nats-under-test.ts';
import { relayProgram } from './relay-under-test.ts';
import { TcpBalancer } from './tcp-balancer.ts';
import { TcpProxy, type Weather } from './tcp-proxy.ts';

const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 15_000;
const POLL_MS = 10;

export interface ClusterOptions {
  readonly nodes?: number;
  /** 0: none, for what a lone node does in the same place. */
  readonly nats?: 0 | 1 | 3;
  /** More of the command line of each node. */
  readonly args?: readonly string[];
}

/** The built relay as nodes on one NATS, behind a load balancer. `stop` it in a `finally`. */
export class ClusterUnderTest {
  readonly #nats: NatsUnderTest | null;
  readonly balancer: TcpBalancer;
  readonly nodes: readonly ClusterNode[];

  private constructor(
    nats: NatsUnderTest | null,
    balancer: TcpBalancer,
    nodes: readonly ClusterNode[],
  ) {
    this.#nats = nats;
    this.balancer = balancer;
    this.nodes = nodes;
  }

  static async start({ nodes = 3, nats = 3, args = [] }: ClusterOptions = {}) {
    const server = nats === 0 ? null : await NatsUnderTest.start({ size: nats });
    const balancer = await TcpBalancer.start();
    const ports = await freePorts(nodes);
    const cluster = new ClusterUnderTest(
      server,
      balancer,
      await Promise.all(
        ports.map(async (port) => await ClusterNode.at(port, { nats: server, balancer, args })),
      ),
    );
    try {
      await Promise.all(cluster.nodes.map(async (node) => await node.start()));
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Throws where there is none. */
  get nats(): NatsUnderTest {
    if (this.#nats === null) throw new Error('These nodes have no NATS.');
    return this.#nats;
  }

  /** What clients dial. */
  get url(): `http://${string}` {
    return this.balancer.url;
  }

  /** The network is fair, all processes run, and all nodes take connections. */
  async heal(): Promise<void> {
    for (const server of this.#nats?.servers ?? []) {
      server.resume();
      if (!server.isRunning) await server.start();
    }
    for (const node of this.nodes) {
      node.weather({ is: 'fair' });
      node.resume();
      if (!node.isRunning) await node.start();
    }
    await until('all nodes are ready', () => this.balancer.ready.length === this.nodes.length);
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(async (node) => await node.close()));
    await this.balancer.close();
    await this.#nats?.stop();
  }
}

interface NodeNeeds {
  readonly nats: NatsUnderTest | null;
  readonly balancer: TcpBalancer;
  readonly args: readonly string[];
}

/** One node, at the same address through all of its lives, with a proxy of its own to each NATS server. */
export class ClusterNode {
  readonly port: number;
  /** What its earlier lives have logged. */
  readonly #logs: string[] = [];
  readonly #needs: NodeNeeds;
  readonly #toNats: readonly TcpProxy[];
  #program: Awaited<ReturnType<typeof relayProgram>> | null = null;

  private constructor(port: number, needs: NodeNeeds, toNats: readonly TcpProxy[]) {
    this.port = port;
    this.#needs = needs;
    this.#toNats = toNats;
  }

  static async at(port: number, needs: NodeNeeds): Promise<ClusterNode> {
    const toNats = (needs.nats?.servers ?? []).map(
      async ({ options }) => await TcpProxy.to(options.port),
    );
    return new ClusterNode(port, needs, await Promise.all(toNats));
  }

  /** Without the load balancer. */
  get url(): `http://${string}` {
    return `http://127.0.0.1:${this.port}`;
  }

  get pid(): number | null {
    return this.#program?.child.pid ?? null;
  }

  get isRunning(): boolean {
    return this.#program !== null;
  }

  /** All that it has logged, in all of its lives. */
  get log(): string {
    return [...this.#logs, this.#program?.stderr() ?? ''].join('');
  }

  /** Between this node and NATS. */
  weather(weather: Weather): void {
    for (const proxy of this.#toNats) proxy.be(weather);
  }

  /** Resolves when the load balancer sends connections to it. */
  async start(): Promise<void> {
    if (this.#program !== null) throw new Error('This node runs already.');
    const { balancer, args } = this.#needs;
    const program = await relayProgram([
      ...['--listen', `127.0.0.1:${this.port}`, '--end-with-stdin'],
      ...['--name', balancer.authority],
      ...this.#toNats.flatMap(({ port }) => ['--nats', `nats://127.0.0.1:${port}`]),
      ...args,
    ]);
    this.#program = program;
    program.child.once('exit', () => {
      if (this.#program !== program) return;
      this.#logs.push(program.stderr());
      this.#program = null;
    });
    balancer.add(this.port);
    await until(
      `the node at ${this.port} is ready`,
      () => this.#program !== program || balancer.ready.includes(this.port),
    );
  }

  /** Hangs: what is open stays open, and nothing comes. */
  pause(): void {
    this.#program?.child.kill('SIGSTOP');
  }

  resume(): void {
    this.#program?.child.kill('SIGCONT');
  }

  /** As the end of its machine. Resolves when it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM, as an operator ends it: it drains. Resolves when it is gone. */
  async drain(): Promise<void> {
    this.resume();
    await this.#end('SIGTERM');
  }

  async close(): Promise<void> {
    this.#needs.balancer.remove(this.port);
    await this.kill();
    await Promise.all(this.#toNats.map(async (proxy) => await proxy.close()));
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#program?.child;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await gone;
    clearTimeout(late);
  }
}

async function until(what: string, look: () => boolean): Promise<void> {
  const end = Date.now() + READY_LIMIT_MS;
  while (!look()) {
    if (Date.now() > end) throw new Error(`Not within ${READY_LIMIT_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

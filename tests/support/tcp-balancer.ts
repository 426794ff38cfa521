import { once } from 'node:events';
import { get } from 'node:http';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const LOOK_EVERY_MS = 100;
const LOOK_LIMIT_MS = 400;

/**
 * A load balancer as plain as they come: each new connection goes to the next node that says that it
 * is ready, and to another one where that refuses. What is open stays where it is. Where no node is
 * ready connections are refused.
 */
export class TcpBalancer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #ready = new Map<number, boolean>();
  #turn = 0;
  #timer: NodeJS.Timeout | null = null;

  private constructor() {
    this.#server = createServer({ pauseOnConnect: true }, (near) => {
      this.#keep(near);
      near.setNoDelay();
      this.#pass(near, this.#inTurn());
    });
  }

  /** It has its port before there is any node. */
  static async start(): Promise<TcpBalancer> {
    const balancer = new TcpBalancer();
    balancer.#server.listen(0, '127.0.0.1');
    await once(balancer.#server, 'listening');
    balancer.#timer = setInterval(() => balancer.#look(), LOOK_EVERY_MS);
    return balancer;
  }

  /** `127.0.0.1:PORT`, which clients sign as the name that they dialled. */
  get authority(): string {
    // Listening on TCP.
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): `http://${string}` {
    return `http://${this.authority}`;
  }

  /** Nodes that take new connections now. */
  get ready(): readonly number[] {
    return [...this.#ready].filter(([, isReady]) => isReady).map(([port]) => port);
  }

  /** From now on asked whether it is ready. */
  add(port: number): void {
    this.#ready.set(port, this.#ready.get(port) ?? false);
    this.#ask(port);
  }

  remove(port: number): void {
    this.#ready.delete(port);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#ready.clear();
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #inTurn(): number[] {
    const { ready } = this;
    const first = this.#turn++ % Math.max(1, ready.length);
    return [...ready.slice(first), ...ready.slice(0, first)];
  }

  #pass(near: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) return void near.resetAndDestroy();
    const far = connect(port, '127.0.0.1');
    const next = (): void => {
      this.#ready.set(port, false);
      this.#pass(near, others);
    };
    far.once('error', next);
    far.once('connect', () => {
      far.off('error', next);
      this.#keep(far);
      far.setNoDelay();
      this.#join(near, far);
    });
  }

  #join(near: Socket, far: Socket): void {
    near.pipe(far);
    far.pipe(near);
    // Neither end is left waiting for one that is gone; a reset is passed on as one.
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => other.resetAndDestroy());
      one.on('close', () => other.destroySoon());
    }
    if (near.destroyed) far.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #look(): void {
    for (const port of this.#ready.keys()) this.#ask(port);
  }

  #ask(port: number): void {
    const say = (isReady: boolean): void => {
      if (this.#ready.has(port)) this.#ready.set(port, isReady);
    };
    const asked = get(
      { host: '127.0.0.1', port, path: '/readyz', timeout: LOOK_LIMIT_MS, agent: false },
      (answer) => {
        // An older relay has no such page, and is ready while it answers.
        say(answer.statusCode === 200 || answer.statusCode === 404);
        answer.resume();
      },
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => say(false));
  }
}

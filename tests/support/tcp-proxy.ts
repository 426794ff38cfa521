import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** How the network between two programs is. */
export type Weather =
  | { readonly is: 'fair' }
  /** What is open is reset, what is new is refused. */
  | { readonly is: 'cut' }
  /** Nothing moves, and nobody is told. */
  | { readonly is: 'stalled' }
  /** Each byte arrives so much later, in both directions. */
  | { readonly is: 'slow'; readonly byMs: number };

/** A TCP proxy in front of one address on loopback, with the weather that a test makes. */
export class TcpProxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #weather: Weather = { is: 'fair' };

  private constructor(target: number) {
    this.#server = createServer({ pauseOnConnect: true }, (near) => {
      if (this.#weather.is === 'cut') return void near.resetAndDestroy();
      const pair: Pair = new Pair(near, connect(target, '127.0.0.1'), () =>
        this.#pairs.delete(pair),
      );
      this.#pairs.add(pair);
      pair.be(this.#weather);
    });
  }

  static async to(port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    // Listening on TCP.
    return (this.#server.address() as AddressInfo).port;
  }

  be(weather: Weather): void {
    this.#weather = weather;
    for (const pair of this.#pairs) pair.be(weather);
  }

  async close(): Promise<void> {
    this.be({ is: 'cut' });
    this.#server.close();
    await once(this.#server, 'close');
  }
}

class Pair {
  readonly #ends: readonly [Socket, Socket];
  readonly #gone: () => void;
  #byMs = 0;
  #isOver = false;

  constructor(near: Socket, far: Socket, gone: () => void) {
    this.#ends = [near, far];
    this.#gone = gone;
    for (const socket of this.#ends) {
      socket.setNoDelay();
      socket.on('error', () => this.#reset());
    }
    this.#carry(near, far);
    this.#carry(far, near);
  }

  be(weather: Weather): void {
    if (weather.is === 'cut') return this.#reset();
    this.#byMs = weather.is === 'slow' ? weather.byMs : 0;
    for (const socket of this.#ends)
      if (weather.is === 'stalled') socket.pause();
      else socket.resume();
  }

  #carry(from: Socket, to: Socket): void {
    let dueMs = 0;
    let waiting = 0;
    /** In order, also when the weather has just become better. */
    const pass = (act: () => void): void => {
      dueMs = Math.max(dueMs, performance.now() + this.#byMs);
      const restMs = dueMs - performance.now();
      if (restMs <= 0 && waiting === 0) return act();
      waiting += 1;
      setTimeout(() => {
        waiting -= 1;
        if (!this.#isOver) act();
      }, restMs);
    };
    from.on('data', (chunk: Buffer) => pass(() => void to.write(chunk)));
    from.on('end', () => pass(() => void to.end()));
    from.on('close', () => {
      if (this.#ends.every(({ destroyed }) => destroyed)) this.#gone();
    });
  }

  #reset(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#gone();
    for (const socket of this.#ends) socket.resetAndDestroy();
  }
}

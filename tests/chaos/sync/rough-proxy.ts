import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type Roughness =
  /** Both ends are reset. */
  | { readonly do: 'reset' }
  /** Half of what comes next arrives, then both ends are reset: in the middle of a message. */
  | { readonly do: 'truncate' }
  /** Nothing arrives any more, and nobody is told. */
  | { readonly do: 'halfOpen' }
  | { readonly do: 'delay'; readonly forMs: number }
  /** What comes next is changed on the way: a bit, twice, or in another order. */
  | { readonly do: 'flip' | 'twice' | 'swap' };

/** A TCP proxy in front of one address that does to its connections what it is told. */
export class RoughProxy {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #target: number;
  #isShut = false;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((near) => {
      if (this.#isShut) return void near.resetAndDestroy();
      const pair = new Pair(near, connect(this.#target, '127.0.0.1'), () =>
        this.#pairs.delete(pair),
      );
      this.#pairs.add(pair);
    });
  }

  static async to(port: number): Promise<RoughProxy> {
    const proxy = new RoughProxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    // Listening on TCP.
    return (this.#server.address() as AddressInfo).port;
  }

  /** Connections that still carry anything, oldest first. */
  get live(): number {
    return this.#alive().length;
  }

  /** To the connection of that number, modulo how many there are; false when there is none. */
  be(which: number, roughness: Roughness): boolean {
    const alive = this.#alive();
    const pair = alive[which % alive.length];
    pair?.be(roughness);
    return pair !== undefined;
  }

  /** What was half-open is reset, as when a phone's network says so at last. */
  heal(): void {
    for (const pair of this.#pairs) if (!pair.isAlive) pair.reset();
  }

  async close(): Promise<void> {
    this.#isShut = true;
    for (const pair of this.#pairs) pair.reset();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #alive(): Pair[] {
    return [...this.#pairs].filter(({ isAlive }) => isAlive);
  }
}

const KEEP_MS = 100;

class Pair {
  isAlive = true;
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #gone: () => void;
  /** Changes the next chunk, in whichever direction it comes. */
  #next: ((chunk: Buffer) => Buffer | 'keep') | null = null;
  #kept: Buffer | null = null;
  #heldUntil: Promise<void> | null = null;

  constructor(near: Socket, far: Socket, gone: () => void) {
    this.#near = near;
    this.#far = far;
    this.#gone = gone;
    near.setNoDelay();
    far.setNoDelay();
    this.#carry(near, far);
    this.#carry(far, near);
  }

  be(roughness: Roughness): void {
    switch (roughness.do) {
      case 'reset':
        return this.reset();
      case 'halfOpen':
        this.isAlive = false;
        return;
      case 'delay': {
        const held = new Promise<void>((resolve) => setTimeout(resolve, roughness.forMs));
        this.#heldUntil = held;
        void held.then(() => {
          if (this.#heldUntil === held) this.#heldUntil = null;
        });
        return;
      }
      case 'truncate':
        this.#next = (chunk) => {
          setImmediate(() => this.reset());
          return chunk.subarray(0, Math.floor(chunk.length / 2));
        };
        return;
      case 'flip':
        this.#next = (chunk) => {
          const changed = Buffer.from(chunk);
          const at = changed.length - 1;
          changed[at] = (changed[at] ?? 0) ^ 1;
          return changed;
        };
        return;
      case 'twice':
        this.#next = (chunk) => Buffer.concat([chunk, chunk]);
        return;
      case 'swap':
        this.#next = () => 'keep';
        return;
    }
  }

  reset(): void {
    this.isAlive = false;
    this.#gone();
    this.#near.resetAndDestroy();
    this.#far.resetAndDestroy();
  }

  #carry(from: Socket, to: Socket): void {
    let line: Promise<void> = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      if (!this.isAlive) return;
      const sent = this.#changed(chunk, to);
      const held = this.#heldUntil;
      if (held === null && line === DONE) return void to.write(sent);
      const mine: Promise<void> = line
        .then(async () => await held)
        .then(() => {
          if (this.isAlive) to.write(sent);
          if (line === mine) line = DONE;
        });
      line = mine;
    });
    line = DONE;
    from.on('error', () => {});
    from.on('end', () => {
      if (this.isAlive) void line.then(() => to.end());
    });
    from.on('close', () => {
      // A half-open connection is one of which one end knows nothing.
      if (!this.isAlive) return;
      void line.then(() => to.destroySoon());
      if (this.#near.destroyed && this.#far.destroyed) this.#gone();
    });
  }

  #changed(chunk: Buffer, to: Socket): Buffer {
    if (this.#kept !== null) {
      const both = Buffer.concat([chunk, this.#kept]);
      this.#kept = null;
      return both;
    }
    const change = this.#next;
    this.#next = null;
    const changed = change?.(chunk) ?? chunk;
    if (changed !== 'keep') return changed;
    this.#kept = chunk;
    // Nothing came to change places with: then it is only late.
    setTimeout(() => {
      if (this.#kept !== chunk) return;
      this.#kept = null;
      if (this.isAlive) to.write(chunk);
    }, KEEP_MS);
    return Buffer.alloc(0);
  }
}

const DONE = Promise.resolve();

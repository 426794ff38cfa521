import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { FrameCount } from './frame-count.ts';

/** How much of an HTTP request is looked at to see whether it asks for a WebSocket. */
const HEAD_BYTES = 16 * 1024;
const REFUSAL = 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

type Way = 'up' | 'down';

/**
 * The network between a phone and its relay: TCP both ways, until it is told to be bad. Bytes pass
 * unread, but for WebSocket frames that are counted and upgrades that can be refused.
 */
export class BadNetwork {
  readonly #server: Server;
  readonly #pairs = new Set<{ phone: Socket; relay: Socket }>();
  readonly #target: number;
  #isCut = false;
  #isStill = false;
  #allowedUpBytes = Number.POSITIVE_INFINITY;
  #allowedDownBytes = Number.POSITIVE_INFINITY;
  /** As some companies' proxies do: plain requests pass, WebSocket does not. */
  refusesWebSocket = false;
  /** WebSocket frames with something in them, and the pings and pongs of the protocol itself. */
  readonly frames = { up: 0, down: 0, control: 0 };

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (phone) => this.#accept(phone));
  }

  static async before(target: number): Promise<BadNetwork> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BadNetwork(server, target);
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('It does not listen.');
    return address.port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Every connection breaks, and none can be made. */
  cut(): void {
    this.#isCut = true;
    for (const pair of this.#pairs) this.#end(pair);
  }

  /** As in a tunnel: nothing arrives in either direction, and nobody is told. */
  goStill(): void {
    this.#isStill = true;
    for (const { phone, relay } of this.#pairs) {
      phone.pause();
      relay.pause();
    }
  }

  /** The next `bytes` that way pass, then all is cut: in the middle of a message, if that is longer. */
  cutAfter(way: Way, bytes: number): void {
    if (way === 'up') this.#allowedUpBytes = bytes;
    else this.#allowedDownBytes = bytes;
  }

  /** All is well again. What was under way when it went still is lost, as after a tunnel. */
  mend(): void {
    if (this.#isStill) for (const pair of this.#pairs) this.#end(pair);
    this.#isCut = false;
    this.#isStill = false;
    this.#allowedUpBytes = this.#allowedDownBytes = Number.POSITIVE_INFINITY;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(phone: Socket): void {
    if (this.#isCut) {
      phone.destroy();
      return;
    }
    const relay = connect(this.#target, '127.0.0.1');
    const pair = { phone, relay };
    this.#pairs.add(pair);
    const counts = { up: new FrameCount(), down: new FrameCount() };
    for (const socket of [phone, relay]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.#end(pair));
      socket.on('close', () => this.#end(pair));
    }
    let head = '';
    phone.on('data', (bytes: Buffer) => {
      if (head.length < HEAD_BYTES) head += bytes.toString('latin1');
      if (this.refusesWebSocket && /^upgrade:\s*websocket/im.test(head)) {
        phone.end(REFUSAL);
        relay.destroy();
        return;
      }
      this.#pass('up', bytes, pair, counts.up);
    });
    relay.on('data', (bytes: Buffer) => this.#pass('down', bytes, pair, counts.down));
    if (this.#isStill) {
      phone.pause();
      relay.pause();
    }
  }

  #pass(way: Way, bytes: Buffer, pair: { phone: Socket; relay: Socket }, count: FrameCount): void {
    const [from, to] = way === 'up' ? [pair.phone, pair.relay] : [pair.relay, pair.phone];
    const allowed = way === 'up' ? this.#allowedUpBytes : this.#allowedDownBytes;
    const passed = bytes.subarray(0, allowed);
    if (way === 'up') this.#allowedUpBytes -= passed.length;
    else this.#allowedDownBytes -= passed.length;
    const { messages, control } = count.read(passed);
    this.frames[way] += messages;
    this.frames.control += control;
    if (!to.write(passed)) {
      from.pause();
      to.once('drain', () => {
        if (!this.#isStill) from.resume();
      });
    }
    // What has passed still arrives; then everything is over.
    if (passed.length < bytes.length) to.end(() => this.cut());
  }

  #end(pair: { phone: Socket; relay: Socket }): void {
    this.#pairs.delete(pair);
    pair.phone.destroy();
    pair.relay.destroy();
  }
}

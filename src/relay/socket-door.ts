import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { MAX_CARGO_BYTES, RELAY_PATH, RELAY_SUBPROTOCOL } from '../protocol/relay.ts';
import { SLOT_BYTES } from './line.ts';
import { Liveness } from './liveness.ts';
import type { Metrics, Role } from './metrics.ts';
import type { Reception } from './reception.ts';
import { CarriedSocket, SocketLine, type LineKeeper } from './socket-line.ts';
import type { Throttle } from './throttle.ts';
import type { Turnstile } from './turnstile.ts';

const HOST_PING_MS = 20_000;
/** With what else is said, less than a message a minute for each hidden page. */
const DEVICE_PING_MS = 55_000;
/** For who is being closed to read what is on its way, and the reason. */
const CLOSE_LIMIT_MS = 10_000;
/** Of one message, and of one frame as the network brings it: each costs more than the byte in it. */
const MAX_FRAGMENTS = 256;
const MAX_CHUNKS = 1_024;

/** How WebSockets come in. */
export class SocketDoor implements LineKeeper {
  readonly #reception: Reception;
  readonly #turnstile: Turnstile;
  readonly #throttle: Throttle;
  readonly #hosts: Liveness<SocketLine>;
  readonly #devices: Liveness<SocketLine>;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_CARGO_BYTES + SLOT_BYTES,
    // Not in the types of ws yet: options.closeTimeout of its documentation.
    ...{ closeTimeout: CLOSE_LIMIT_MS, maxFragments: MAX_FRAGMENTS, maxBufferedChunks: MAX_CHUNKS },
    // A line answers pings itself, where there is room.
    autoPong: false,
    handleProtocols: () => RELAY_SUBPROTOCOL,
    WebSocket: CarriedSocket,
  });

  constructor(reception: Reception, turnstile: Turnstile, throttle: Throttle, metrics: Metrics) {
    this.#reception = reception;
    this.#turnstile = turnstile;
    this.#throttle = throttle;
    this.#hosts = new Liveness(HOST_PING_MS, metrics);
    this.#devices = new Liveness(DEVICE_PING_MS, metrics);
  }

  /** For the server's `upgrade`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until ws takes it over nobody else would hear that it broke.
    socket.on('error', ignored);
    if (pathOf(request.url) !== RELAY_PATH) return refuse(socket, '404 Not Found');
    const offered = request.headers['sec-websocket-protocol']?.split(/\s*,\s*/) ?? [];
    if (!offered.includes(RELAY_SUBPROTOCOL)) return refuse(socket, '400 Bad Request');
    const entry = this.#turnstile.enter(request);
    if (typeof entry === 'string') return refuse(socket, entry);
    let isOpen = false;
    const givenUp = (): void => {
      if (!isOpen) this.#turnstile.leave(entry);
    };
    socket.once('close', givenUp);
    // The answer and the challenge behind it go out at once: where thousands come back it is felt.
    socket.cork();
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      isOpen = true;
      socket.off('close', givenUp);
      socket.off('error', ignored);
      this.#reception.receive(new SocketLine(ws, socket, this, entry), entry);
    });
    socket.uncork();
  }

  /** Not known to be a host yet. */
  came(line: SocketLine): Set<SocketLine> {
    return this.#devices.watch(line);
  }

  admitted(line: SocketLine, role: Role): void {
    if (role !== 'host') return;
    line.spoke.delete(line);
    line.spoke = this.#hosts.watch(line);
  }

  beckoned(line: SocketLine): void {
    const { traffic } = line.visitor;
    this.#throttle.charge(line, 0, traffic, traffic);
  }

  gone(line: SocketLine): void {
    this.#throttle.forget(line);
    if (line.spoke.delete(line)) this.#turnstile.leave(line.visitor);
  }

  /** To be called every second. */
  tick(): void {
    this.#hosts.tick();
    this.#devices.tick();
  }

  get unreadBytes(): number {
    let sum = 0;
    for (const line of this.lines()) sum += line.unread;
    return sum;
  }

  closeAll(code: number, reason: string): void {
    for (const line of [...this.lines()]) line.close(code, reason);
  }

  terminateAll(): void {
    for (const line of [...this.lines()]) line.terminate();
  }

  *lines(): Generator<SocketLine> {
    yield* this.#hosts.all();
    yield* this.#devices.all();
  }
}

export function pathOf(url: string | undefined): string {
  return (url ?? '/').split('?', 1)[0] ?? '/';
}

function refuse(socket: Duplex, status: string): void {
  const answer = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  // Half-open otherwise for as long as the other side likes.
  socket.end(answer, () => socket.destroy());
}

function ignored(): void {}

import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** As much of a NATS server as a client needs to connect: it says what it is, and answers pings. */
export class OldNatsServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** null: it says nothing, as one that hangs. */
  info: object | null;
  /** How often it was dialled, and not only looked at. */
  connects = 0;

  private constructor(info: object | null) {
    this.info = info;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** `port` 0: a free one. */
  static async start(info: object | null, port = 0): Promise<OldNatsServer> {
    const old = new OldNatsServer(info);
    await new Promise<void>((resolve, reject) => {
      old.#server.once('error', reject);
      old.#server.listen(port, '127.0.0.1', resolve);
    });
    return old;
  }

  get url(): string {
    // Listening on TCP.
    return `nats://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get open(): number {
    return this.#sockets.size;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (bytes) => {
      if (bytes.includes('CONNECT ')) this.connects += 1;
      if (bytes.includes('PING\r\n')) socket.write('PONG\r\n');
    });
    if (this.info === null) return;
    const said = { server_id: 'OLD', proto: 1, headers: true, max_payload: 1_048_576 };
    socket.write(`INFO ${JSON.stringify({ ...said, ...this.info })}\r\n`);
  }
}

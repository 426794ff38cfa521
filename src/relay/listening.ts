import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { networkOf } from './address-book.ts';
import { bracketed } from './authorities.ts';
import type { Certificate } from './tls/certificate.ts';

/** For how long a connection may take, before it is anybody's. */
export interface Patience {
  readonly handshakeMs: number;
  readonly headersMs: number;
  readonly requestMs: number;
  /** How often it is looked who is late. */
  readonly lookMs: number;
}

/** Who dials in the same moment as thousands of others is not to dial again a second later. */
const BACKLOG = 4_096;
/**
 * A handshake, and a request's head, are for doing at once: who dawdles is cut. A head
 * may have to wait here behind those of all clients of a node that has just ended.
 */
const PATIENCE: Patience = {
  handshakeMs: 5_000,
  headersMs: 10_000,
  requestMs: 30_000,
  lookMs: 5_000,
};
const KEEP_ALIVE_MS = 10_000;
const MAX_HEADER_BYTES = 8 * 1024;
/** More than may come in: so that who is turned away hears it. */
const ROOM_TO_REFUSE = 1_000;
const ROOM_OF_ADDRESS = 100;

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface Heard {
  request(request: IncomingMessage, response: ServerResponse): void;
  /** Absent: no WebSockets. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Where a relay listens: http, or https with a certificate that may change. */
export class Listening {
  readonly #servers: Server[] = [];
  readonly #tlsServers: TlsServer[] = [];
  readonly #maxConnections: number;
  readonly #maxPerAddress: number;
  readonly #perAddress = new Map<string, number>();
  readonly #addresses = new Map<Duplex, string>();
  readonly #patience: Patience;

  /** `maxPerAddress` null: all come by way of one. */
  constructor(maxConnections: number, maxPerAddress: number | null, patience = PATIENCE) {
    this.#maxConnections = maxConnections + ROOM_TO_REFUSE;
    this.#maxPerAddress = (maxPerAddress ?? Infinity) + ROOM_OF_ADDRESS;
    this.#patience = patience;
  }

  /** Port 0 takes a free one. `certificate` null: plain http. Throws when the address cannot be had. */
  async listen(
    { host, port }: ListenAddress,
    certificate: Certificate | null,
    heard: Heard,
  ): Promise<{ readonly url: string; readonly at: AddressInfo }> {
    const server =
      certificate === null
        ? createServer(this.#http(), heard.request)
        : this.#tlsServer(certificate, heard.request);
    server.maxConnections = this.#maxConnections;
    this.#counts(server);
    if (heard.upgrade !== undefined) server.on('upgrade', heard.upgrade);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: BACKLOG }, () => {
        server.off('error', reject);
        resolve();
      });
    });
    this.#servers.push(server);
    // A server with a port: we never listen on a path.
    const at = server.address() as AddressInfo;
    const scheme = certificate === null ? 'http' : 'https';
    return { url: `${scheme}://${bracketed(at.address)}:${at.port}`, at };
  }

  /** For connections that are new from now on; all others stay as they are. */
  use({ cert, key }: Certificate): void {
    for (const server of this.#tlsServers) server.setSecureContext({ cert, key });
  }

  /** Takes no connection any more; resolves when the last one is gone. */
  async close(): Promise<void> {
    const closing = this.#servers.map(
      async (server) => await new Promise<void>((resolve) => void server.close(() => resolve())),
    );
    await Promise.all(closing);
  }

  closeIdle(): void {
    for (const server of this.#servers) server.closeIdleConnections();
  }

  cut(): void {
    for (const server of this.#servers) server.closeAllConnections();
  }

  /** Also those that never ask for anything, before anything is spent on them. */
  #counts(server: Server): void {
    if (this.#maxPerAddress === Infinity) return;
    const forget = (socket: Duplex): void => void this.#forget(socket);
    const closed = function closed(this: Socket): void {
      forget(this);
    };
    server.on('connection', (socket: Socket) => {
      const address = networkOf(socket.remoteAddress ?? '');
      const before = this.#perAddress.get(address) ?? 0;
      if (before >= this.#maxPerAddress) return void socket.destroy();
      this.#perAddress.set(address, before + 1);
      this.#addresses.set(socket, address);
      socket.once('close', closed);
    });
    // From here on it is counted at the turnstile, and costs nothing here. Below TLS it is another object.
    server.on('upgrade', (_, socket) => {
      if (this.#forget(socket)) socket.off('close', closed);
    });
  }

  #forget(socket: Duplex): boolean {
    const address = this.#addresses.get(socket);
    if (address === undefined) return false;
    this.#addresses.delete(socket);
    const left = (this.#perAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, left);
    return true;
  }

  #http() {
    const { headersMs, requestMs, lookMs } = this.#patience;
    return {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: lookMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      noDelay: true,
    };
  }

  #tlsServer({ cert, key }: Certificate, request: Heard['request']): TlsServer {
    const { handshakeMs } = this.#patience;
    const options = { ...this.#http(), handshakeTimeout: handshakeMs, cert, key };
    const server = createTlsServer(options, request);
    this.#tlsServers.push(server);
    return server;
  }
}

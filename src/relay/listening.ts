import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
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

/** A handshake, and a request's head, are for doing at once: who dawdles is cut. */
const PATIENCE: Patience = {
  handshakeMs: 5_000,
  headersMs: 5_000,
  requestMs: 30_000,
  lookMs: 5_000,
};
const KEEP_ALIVE_MS = 10_000;
const MAX_HEADER_BYTES = 8 * 1024;
/** More than may come in: so that who is turned away hears it. */
const ROOM_TO_REFUSE = 1_000;

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
  readonly #patience: Patience;

  constructor(maxConnections: number, patience = PATIENCE) {
    this.#maxConnections = maxConnections + ROOM_TO_REFUSE;
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
    if (heard.upgrade !== undefined) server.on('upgrade', heard.upgrade);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
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

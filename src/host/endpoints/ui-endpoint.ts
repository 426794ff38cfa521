import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Logger } from '../../base/log.ts';
import type { Transport } from '../../connection/transport.ts';
import { MAX_SURFACE_MESSAGE_BYTES } from '../../protocol/limits.ts';
import type { UiTokens } from './ui-tokens.ts';
import { WsTransport } from './ws-transport.ts';

const LOOPBACK = '127.0.0.1';
const SUBPROTOCOL = 'porchlight';
const SESSION_PREFIX = 'session.';
/** A browser holds a few for the page and one for each tab. */
const MAX_CONNECTIONS = 256;
const PONG_LIMIT_MS = 10_000;
const tokenBodySchema = z.object({ token: z.string().max(200) });

/**
 * The window's page for a browser on this machine. Loopback only; every request must name us as
 * Host (DNS rebinding) and, where it changes or reads anything, as Origin (other pages).
 */
export class UiEndpoint {
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #tokens: UiTokens;
  readonly port: number;

  private constructor(server: Server, sockets: WebSocketServer, tokens: UiTokens, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.#tokens = tokens;
    this.port = port;
  }

  /** Port 0 takes any that is free. */
  static async listen(needs: {
    root: string;
    logger: Logger;
    tokens: UiTokens;
    port: number;
    accept(transport: Transport): void;
  }): Promise<UiEndpoint> {
    const { tokens } = needs;
    const sockets = new WebSocketServer({
      noServer: true,
      maxPayload: MAX_SURFACE_MESSAGE_BYTES,
      perMessageDeflate: false,
      handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
    });
    const server = createServer();
    server.requestTimeout = 10_000;
    server.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(needs.port, LOOPBACK, () => {
        server.off('error', reject);
        resolve();
      });
    });
    server.on('error', (error) => needs.logger.error({ err: error }, 'the loopback UI failed'));
    // `address()` is only null before listen and a string only for pipes.
    const { port } = server.address() as AddressInfo;
    const authority = `${LOOPBACK}:${port}`;
    const listener = getRequestListener(page(needs.root, authority, tokens).fetch);
    server.on('request', (request, response) => void listener(request, response));
    server.on('upgrade', (request, socket, head) => {
      if (!mayUpgrade(request, authority, tokens)) return refuse(socket);
      sockets.handleUpgrade(request, socket, head, (ws) => needs.accept(new WsTransport(ws)));
    });
    needs.logger.info({ port }, 'the loopback UI is open');
    return new UiEndpoint(server, sockets, tokens, port);
  }

  /** A link for one person, once: the token is in the fragment, which no server sees. */
  link(): { url: string; expiresAt: string } {
    const { token, expiresAt } = this.#tokens.offer();
    return {
      url: `http://${LOOPBACK}:${this.port}/#token=${token}`,
      expiresAt: expiresAt.toISOString(),
    };
  }

  /** Ends the connections that do not answer a ping, so that their pages make new ones. */
  probe(): void {
    for (const socket of this.#sockets.clients) {
      const timer = setTimeout(() => socket.terminate(), PONG_LIMIT_MS).unref();
      socket.once('pong', () => clearTimeout(timer));
      socket.ping();
    }
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function page(root: string, authority: string, tokens: UiTokens): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    if (c.req.header('host') !== authority)
      return c.text('This is not the address of this page.', 403);
    await next();
    for (const [name, value] of Object.entries(securityHeaders(authority))) c.header(name, value);
    return undefined;
  });
  app.post('/token', bodyLimit({ maxSize: 4_096 }), async (c) => {
    const isJson = c.req.header('content-type')?.split(';')[0]?.trim() === 'application/json';
    if (c.req.header('origin') !== `http://${authority}` || !isJson)
      return c.text('Not from here.', 403);
    const body = tokenBodySchema.safeParse(await c.req.json().catch(() => null));
    const session = body.success ? tokens.exchange(body.data.token) : null;
    if (session === null)
      return c.text('This link was used or is too old: ask for a new one.', 401);
    return c.json({ session });
  });
  app.use('/*', serveStatic({ root }));
  app.notFound((c) => c.text('There is nothing here.', 404));
  return app;
}

function mayUpgrade(request: IncomingMessage, authority: string, tokens: UiTokens): boolean {
  if (request.url !== '/ws' || request.headers.host !== authority) return false;
  if (request.headers.origin !== `http://${authority}`) return false;
  const offered = (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((each) => each.trim());
  const session = offered.find((each) => each.startsWith(SESSION_PREFIX));
  return session !== undefined && tokens.admits(session.slice(SESSION_PREFIX.length));
}

function refuse(socket: Duplex): void {
  // After an upgrade Node leaves a socket's errors to us; one without a listener ends the host.
  socket.on('error', () => socket.destroy());
  socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
}

function securityHeaders(authority: string): Record<string, string> {
  return {
    'Content-Security-Policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      `connect-src 'self' ws://${authority}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  };
}

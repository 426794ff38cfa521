import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket } from 'node:tls';
import type { Gauges, Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import { pathOf } from './socket-door.ts';

/** Answers what it knows; false for what is somebody else's. */
export interface WebPart {
  answer(request: IncomingMessage, response: ServerResponse, path: string): boolean;
}

export interface WebOptions {
  readonly relay: Gauges & { readonly metrics: Metrics; readonly readiness: Readiness };
  /** Asked in turn, before a request goes unanswered. */
  readonly parts: readonly WebPart[];
}

/** All of HTTP that is no WebSocket. What is not there is not repeated in the answer. */
export class Web {
  /** Metrics are shown at the status address only. */
  keepsMetrics = false;
  readonly #options: WebOptions;

  constructor(options: WebOptions) {
    this.#options = options;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    const path = begin(request, response);
    if (this.#answersStatus(request, response, path, !this.keepsMetrics && isOperator(request)))
      return;
    for (const part of this.#options.parts) if (part.answer(request, response, path)) return;
    notFound(response);
  }

  answerStatus(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#answersStatus(request, response, begin(request, response), true)) notFound(response);
  }

  #answersStatus(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
    isOperators: boolean,
  ): boolean {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const { relay } = this.#options;
    if (path === '/healthz') json(response, 200, { ok: true, version: relay.version });
    else if (path === '/readyz') {
      const reasons = relay.readiness.reasons();
      const ready = reasons.length === 0;
      // In them may be what a node's own surroundings are called.
      json(response, ready ? 200 : 503, { ready, reasons: isOperators ? reasons : [] });
    } else if (path === '/metrics' && isOperators)
      text(response, 200, 'text/plain; version=0.0.4; charset=utf-8', relay.metrics.text(relay));
    else return false;
    return true;
  }
}

/**
 * Who asks for metrics beside the relay: whoever comes through a proxy is somebody else, and so is
 * whoever comes from afar to a relay that is its own door to the world.
 */
function isOperator({ headers, socket }: IncomingMessage): boolean {
  if (headers['x-forwarded-for'] !== undefined) return false;
  return !(socket instanceof TLSSocket) || isLoopback(socket.remoteAddress ?? '');
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.replace('::ffff:', '').startsWith('127.');
}

function begin(request: IncomingMessage, response: ServerResponse): string {
  response.setHeader('x-content-type-options', 'nosniff');
  return pathOf(request.url);
}

function json(response: ServerResponse, status: number, body: object): void {
  text(response, status, 'application/json', `${JSON.stringify(body)}\n`);
}

function notFound(response: ServerResponse): void {
  text(response, 404, 'text/plain; charset=utf-8', 'Not found.\n');
}

export function text(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gauges, Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import { pathOf } from './socket-door.ts';

/** Answers what it knows; false for what is somebody else's. */
export interface WebPart {
  answer(request: IncomingMessage, response: ServerResponse, path: string): boolean;
}

export interface WebOptions {
  readonly metrics: Metrics;
  readonly gauges: Gauges;
  readonly readiness: Readiness;
  readonly version: string;
  /** Asked in turn, before a request goes unanswered. */
  readonly parts: readonly WebPart[];
}

/** All of HTTP that is no WebSocket. What is not there is not repeated in the answer. */
export function answerWeb(
  { metrics, gauges, readiness, version, parts }: WebOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.setHeader('x-content-type-options', 'nosniff');
  const path = pathOf(request.url);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (isRead && path === '/healthz')
    return text(response, 200, 'application/json', `${JSON.stringify({ ok: true, version })}\n`);
  if (isRead && path === '/readyz') {
    const reasons = readiness.reasons();
    const ready = reasons.length === 0;
    const body = `${JSON.stringify({ ready, reasons })}\n`;
    return text(response, ready ? 200 : 503, 'application/json', body);
  }
  // For the operator beside the relay: whoever comes through a proxy is somebody else.
  if (isRead && path === '/metrics' && request.headers['x-forwarded-for'] === undefined)
    return text(response, 200, 'text/plain; version=0.0.4; charset=utf-8', metrics.text(gauges));
  for (const part of parts) if (part.answer(request, response, path)) return;
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

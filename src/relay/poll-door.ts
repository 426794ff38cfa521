import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  MAX_POLL_UP_BYTES,
  pollOpenedSchema,
  pollUpSchema,
  RELAY_POLL_PATH,
} from '../protocol/relay.ts';
import type { Visitor } from './address-book.ts';
import type { Clock } from './clock.ts';
import { parsed } from './control.ts';
import { Liveness } from './liveness.ts';
import type { Metrics, Role } from './metrics.ts';
import { PollLine, type PollKeeper } from './poll-line.ts';
import type { Reception } from './reception.ts';
import type { Turnstile } from './turnstile.ts';
import { text, type WebPart } from './web.ts';

const ID_BYTES = 32;
/** Proxies give a silent stream up after a minute. */
const PING_MS = 55_000;
/** Who sends too fast waits for its answer, but not for ever. */
const HOLD_LIMIT_MS = 10_000;
const DAY_SECONDS = 86_400;

interface Polled {
  readonly line: PollLine;
  readonly visitor: Visitor;
  /** Number of the last POST that was done. */
  done: number;
}

/** How POST and SSE come in, where WebSocket is blocked. The ids are secrets of their clients. */
export class PollDoor implements PollKeeper, WebPart {
  readonly #reception: Reception;
  readonly #turnstile: Turnstile;
  readonly #clock: Clock;
  readonly #polled = new Map<string, Polled>();
  readonly #ids = new Map<PollLine, string>();
  readonly #liveness: Liveness<PollLine>;
  readonly #spokes = new WeakMap<PollLine, Set<PollLine>>();

  constructor(reception: Reception, turnstile: Turnstile, metrics: Metrics, clock: Clock) {
    this.#reception = reception;
    this.#turnstile = turnstile;
    this.#clock = clock;
    this.#liveness = new Liveness(PING_MS, metrics);
  }

  answer(request: IncomingMessage, response: ServerResponse, path: string): boolean {
    if (path !== RELAY_POLL_PATH && !path.startsWith(`${RELAY_POLL_PATH}/`)) return false;
    // The page may come from elsewhere. There are no cookies to abuse: whoever connects shows keys.
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('cross-origin-resource-policy', 'cross-origin');
    if (request.method === 'OPTIONS') allow(response);
    else if (path === RELAY_POLL_PATH) this.#open(request, response);
    else this.#visit(request, response, path.slice(RELAY_POLL_PATH.length + 1));
    return true;
  }

  admitted(line: PollLine, _role: Role): void {
    this.#spokes.set(line, this.#liveness.watch(line));
  }

  gone(line: PollLine): void {
    const id = this.#ids.get(line);
    const polled = id === undefined ? undefined : this.#polled.get(id);
    if (id === undefined || polled === undefined) return;
    this.#polled.delete(id);
    this.#ids.delete(line);
    this.#spokes.get(line)?.delete(line);
    this.#turnstile.leave(polled.visitor);
  }

  /** To be called every second. */
  tick(): void {
    this.#liveness.tick();
  }

  get unreadBytes(): number {
    let sum = 0;
    for (const line of this.#ids.keys()) sum += line.unread;
    return sum;
  }

  lines(): Iterable<PollLine> {
    return this.#ids.keys();
  }

  closeAll(code: number, reason: string): void {
    for (const line of [...this.#ids.keys()]) line.close(code, reason);
  }

  terminateAll(): void {
    for (const line of [...this.#ids.keys()]) line.terminate();
  }

  #open(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'POST') return status(response, 405);
    request.resume();
    const entry = this.#turnstile.enter(request);
    if (typeof entry === 'string') return status(response, Number(entry.slice(0, 3)));
    const id = randomBytes(ID_BYTES).toString('base64url');
    const line = new PollLine(this.#clock, this);
    this.#polled.set(id, { line, visitor: entry, done: 0 });
    this.#ids.set(line, id);
    this.#reception.receive(line, entry);
    text(response, 200, 'application/json', JSON.stringify(pollOpenedSchema.parse({ id })));
  }

  #visit(request: IncomingMessage, response: ServerResponse, rest: string): void {
    const [id = '', what, ...more] = rest.split('/');
    const polled = this.#polled.get(id);
    if (polled === undefined || more.length > 0) return status(response, 404);
    if (what === 'down' && request.method === 'GET') down(polled, request, response);
    else if (what === 'up' && request.method === 'POST') this.#up(polled, request, response);
    else status(response, 404);
  }

  #up(polled: Polled, request: IncomingMessage, response: ServerResponse): void {
    readBody(request, (body) => {
      if (body === null) return status(response, 413);
      const up = pollUpSchema.safeParse(parsed(body));
      if (!up.success) return status(response, 400);
      const { n, frames } = up.data;
      if (n > polled.done + 1) return status(response, 409);
      if (n === polled.done + 1) {
        polled.done = n;
        for (const frame of frames) {
          const { listener } = polled.line;
          if ('text' in frame) listener.onText(frame.text);
          else listener.onCargo(Buffer.from(frame.cargo, 'base64url'));
        }
      }
      this.#answerWhenReading(polled.line, response);
    });
  }

  #answerWhenReading(line: PollLine, response: ServerResponse): void {
    let isAnswered = false;
    const answer = (): void => {
      if (isAnswered) return;
      isAnswered = true;
      stop();
      status(response, 200);
    };
    const stop = this.#clock.after(HOLD_LIMIT_MS, answer);
    line.onceReading(answer);
  }
}

function down({ line }: Polled, request: IncomingMessage, response: ServerResponse): void {
  const seen = Number(request.headers['last-event-id'] ?? 0);
  if (!Number.isSafeInteger(seen) || seen < 0) return status(response, 400);
  response.setHeader('content-type', 'text/event-stream');
  response.setHeader('cache-control', 'no-store, no-transform');
  // For nginx, which would collect the stream before it passes it on.
  response.setHeader('x-accel-buffering', 'no');
  if (!line.attach(response, seen)) {
    response.removeHeader('content-type');
    status(response, 410);
  } else if (!response.headersSent) response.flushHeaders();
}

/** `null`: more than is allowed. Nothing is said for who leaves half-way. */
function readBody(request: IncomingMessage, act: (body: string | null) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_POLL_UP_BYTES) chunks.push(chunk);
  });
  request.on('end', () =>
    act(bytes > MAX_POLL_UP_BYTES ? null : Buffer.concat(chunks).toString('utf8')),
  );
  request.on('error', () => {});
}

function allow(response: ServerResponse): void {
  response.writeHead(204, {
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'content-type, last-event-id, cache-control',
    'access-control-max-age': String(DAY_SECONDS),
  });
  response.end();
}

function status(response: ServerResponse, code: number): void {
  text(response, code, 'application/json', '{}\n');
}

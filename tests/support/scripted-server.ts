import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const MAX_BODY_BYTES = 1024 * 1024;
const LIMIT_MS = 10_000;

/**
 * What a server of the tests does with a request: answers so; takes it and never answers (`hang`);
 * takes it and cuts the connection (`cut`); cuts it without having taken it (`drop`).
 */
export type Answer =
  | number
  | { readonly status: number; readonly retryAfter?: string; readonly body?: string }
  | 'hang'
  | 'cut'
  | 'drop';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** A server on loopback that answers by a script, and well when the script is at its end. */
export abstract class ScriptedServer {
  /** Taken in order, one a request. */
  script: Answer[] = [];
  /** Instead of the script, for every request; null: the script. */
  always: (() => Answer) | null = null;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<() => void>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  /**
   * Looks at a request, and takes it in where `isTaken`; one that the script refuses is not. What it
   * answers holds where the script has nothing, or where it is a refusal.
   */
  protected abstract take(asked: Asked, isTaken: boolean): number;

  async listen(): Promise<this> {
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
    return this;
  }

  /** `host:port`, as `allowHosts` has it. */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get origin(): string {
    return `http://${this.host}`;
  }

  /** Waits until `isSo`, looked at after each request; fails after `limitMs`. */
  async until(isSo: () => boolean, limitMs = LIMIT_MS): Promise<void> {
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const over = (end: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        end();
      };
      const look = () => (isSo() ? over(resolve) : undefined);
      const timer = setTimeout(
        () => over(() => reject(new Error(`It did not come to that within ${limitMs} ms`))),
        limitMs,
      );
      this.#waiting.add(look);
    });
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const planned = this.always?.() ?? this.script.shift();
    request.on('error', () => {});
    response.on('error', () => {});
    if (planned === 'drop') return void request.socket.destroy();
    const body = await bodyOf(request);
    if (body === null) return;
    const { method = '', url: path = '', headers } = request;
    const own = this.take({ method, path, headers, body }, isTaking(planned));
    answer(response, own >= 400 ? own : (planned ?? own));
    for (const look of this.#waiting) look();
  }
}

function isTaking(planned: Answer | undefined): boolean {
  if (planned === undefined || planned === 'hang' || planned === 'cut') return true;
  return planned !== 'drop' && (typeof planned === 'number' ? planned : planned.status) < 300;
}

function answer(response: ServerResponse, how: Answer): void {
  if (how === 'hang') return;
  if (how === 'cut' || how === 'drop') return void response.socket?.destroy();
  const { status, retryAfter, body = '' } = typeof how === 'number' ? { status: how } : how;
  response.writeHead(status, { ...(retryAfter !== undefined && { 'retry-after': retryAfter }) });
  response.end(body);
}

/** null: it was cut off, or is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      // Without an encoding a stream gives buffers.
      const buffer = chunk as Buffer;
      chunks.push(buffer);
      bytes += buffer.length;
      if (bytes > MAX_BODY_BYTES) return null;
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}

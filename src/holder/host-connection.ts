import type { Socket } from 'node:net';
import { LineSplitter } from '../base/line-splitter.ts';
import type { Logger } from '../base/log.ts';
import {
  MAX_HOLDER_FRAME_BYTES,
  type HolderAnswer,
  type HolderFrame,
  type HolderNotice,
  type HolderRequest,
} from '../protocol/holder.ts';
import { parseRequest } from './requests.ts';

/** A host asks a thing at a time, and renews meanwhile. */
const MAX_UNANSWERED = 32;
/** All a host can have missed is small: who lets this much lie reads nothing. */
const MAX_UNREAD_BYTES = 1024 * 1024;
const END_LIMIT_MS = 500;

/** Understood and not done; the host gets code and message. */
export class Refused extends Error {
  override name = 'Refused';
  readonly code: 'helloFirst' | 'wrongProtocol' | 'stopping' | 'refused';

  constructor(code: Refused['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface ConnectionEvents {
  request(request: HolderRequest): Promise<HolderAnswer>;
  closed(): void;
}

/** One socket: requests in, answers and notices out, with bounded buffers. */
export class HostConnection {
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  readonly #log: Logger;
  #isClosed = false;
  #unanswered = 0;

  constructor(socket: Socket, deps: { events: ConnectionEvents; log: Logger }) {
    this.#socket = socket;
    this.#events = deps.events;
    this.#log = deps.log;
    const lines = new LineSplitter({ maxBytes: MAX_HOLDER_FRAME_BYTES });
    socket.on('data', (chunk) => {
      for (const line of lines.push(chunk)) this.#onFrame(line.kind === 'line' ? line.text : '');
      if (lines.pendingBytes > MAX_HOLDER_FRAME_BYTES) this.#onFrame('');
    });
    socket.on('error', () => this.close());
    socket.on('close', () => this.close());
  }

  tell(notice: HolderNotice): void {
    this.#write(notice);
  }

  /** What was written goes out first, to one that reads. */
  end(done: () => void): void {
    setTimeout(done, END_LIMIT_MS);
    if (this.#isClosed) done();
    else this.#socket.end(done);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.destroy();
    this.#events.closed();
  }

  #onFrame(text: string): void {
    if (this.#isClosed) return;
    const incoming = parseRequest(text);
    switch (incoming.kind) {
      case 'garbage':
        this.#log.warn({}, 'closed a connection that sent something else than requests');
        return this.close();
      case 'bad':
        return this.#write({
          id: incoming.id,
          error: { code: 'badRequest', message: incoming.why },
        });
      case 'request':
        if (this.#unanswered < MAX_UNANSWERED)
          return void this.#serve(incoming.id, incoming.request);
        this.#log.warn({}, 'closed a connection that asks faster than it is answered');
        return this.close();
    }
  }

  async #serve(id: number, request: HolderRequest): Promise<void> {
    this.#unanswered += 1;
    try {
      this.#write({ id, ok: await this.#events.request(request) });
    } catch (error) {
      const isRefused = error instanceof Refused;
      const message = error instanceof Error ? error.message : String(error);
      if (!isRefused) this.#log.error({ do: request.do, err: message }, 'a request failed');
      this.#write({ id, error: { code: isRefused ? error.code : 'failed', message } });
    } finally {
      this.#unanswered -= 1;
    }
  }

  #write(frame: HolderFrame): void {
    if (this.#isClosed) return;
    this.#socket.write(JSON.stringify(frame) + '\n');
    if (this.#socket.writableLength > MAX_UNREAD_BYTES) this.close();
  }
}

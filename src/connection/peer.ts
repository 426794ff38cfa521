import { DeadlineExceeded } from '../base/deadline.ts';
import { rpcMessageSchema, type RpcId, type RpcMessage } from '../protocol/envelope.ts';
import { RPC_ERRORS, RpcFailure } from '../protocol/errors.ts';
import { MAX_SURFACE_MESSAGE_BYTES, REQUEST_TIMEOUT_MS } from '../protocol/limits.ts';
import type { Transport } from './transport.ts';

export interface PeerHandlers {
  /** Answers a request, or throws; an {@link RpcFailure} keeps its code and message. */
  request(method: string, params: unknown): Promise<unknown>;
  notification(method: string, params: unknown): void;
  close(reason: string): void;
  /** A bug in a handler, for the log; the other side is told only that something failed. */
  fault?(method: string, error: unknown): void;
}

/** Requests of the other side under way at once; more are refused, not queued. */
const MAX_INBOUND_REQUESTS = 256;

/** Told once, one of the two, in the turn in which the answer arrives: before whatever follows it. */
export interface Answer<T> {
  result(result: T): void;
  failure(error: Error): void;
}

/** JSON-RPC 2.0 over a {@link Transport}: matches answers to requests, times out, fails all on close. */
export class Peer {
  readonly #transport: Transport;
  readonly #handlers: PeerHandlers;
  readonly #waiting = new Map<RpcId, Answer<unknown>>();
  #nextId = 1;
  #inbound = 0;
  #closed: string | null = null;

  constructor(transport: Transport, handlers: PeerHandlers) {
    this.#transport = transport;
    this.#handlers = handlers;
    transport.start({
      message: (text) => this.#onMessage(text),
      close: (reason) => this.#onClose(reason),
    });
  }

  get bufferedBytes(): number {
    return this.#transport.bufferedBytes;
  }

  async request(method: string, params: unknown, limitMs = REQUEST_TIMEOUT_MS): Promise<unknown> {
    return await new Promise<unknown>((resolve, reject) => {
      this.ask(method, params, { result: resolve, failure: reject }, limitMs);
    });
  }

  ask(
    method: string,
    params: unknown,
    on: Answer<unknown>,
    limitMs: number = REQUEST_TIMEOUT_MS,
  ): void {
    if (this.#closed !== null)
      return on.failure(new Error(`${method}: the connection is closed (${this.#closed})`));
    const id = this.#nextId++;
    const done = (): void => {
      clearTimeout(limit);
      this.#waiting.delete(id);
    };
    const limit = setTimeout(() => {
      done();
      on.failure(new DeadlineExceeded(method, limitMs));
    }, limitMs);
    this.#waiting.set(id, {
      result: (result) => {
        done();
        on.result(result);
      },
      failure: (error) => {
        done();
        on.failure(error);
      },
    });
    this.#write({ jsonrpc: '2.0', id, method, params });
  }

  notify(method: string, params: unknown): void {
    if (this.#closed === null) this.#write({ jsonrpc: '2.0', method, params });
  }

  close(reason: string): void {
    this.#transport.close(reason);
    this.#onClose(reason);
  }

  #write(message: RpcMessage): void {
    this.#transport.send(JSON.stringify(message));
  }

  #fail(id: RpcId | null, code: number, message: string, data?: unknown): void {
    this.#write({
      jsonrpc: '2.0',
      id,
      error: { code, message, ...(data !== undefined && { data }) },
    });
  }

  #onMessage(text: string): void {
    if (this.#closed !== null) return;
    if (text.length > MAX_SURFACE_MESSAGE_BYTES)
      return this.#fail(
        null,
        RPC_ERRORS.tooLarge,
        `A message of ${text.length} characters is over the limit of ${MAX_SURFACE_MESSAGE_BYTES}.`,
      );
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return this.#fail(null, RPC_ERRORS.parseError, 'That is not JSON.');
    }
    const parsed = rpcMessageSchema.safeParse(json);
    if (!parsed.success)
      return this.#fail(null, RPC_ERRORS.invalidRequest, 'That is not a JSON-RPC 2.0 message.');
    this.#onParsed(parsed.data);
  }

  #onParsed(message: RpcMessage): void {
    if (message.method !== undefined) {
      if (message.id === undefined) this.#handlers.notification(message.method, message.params);
      else void this.#answer(message.id, message.method, message.params);
      return;
    }
    if (message.id === null || message.id === undefined) return;
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    if (message.error !== undefined)
      waiting.failure(
        new RpcFailure(message.error.code, message.error.message, message.error.data),
      );
    else waiting.result('result' in message ? message.result : undefined);
  }

  async #answer(id: RpcId, method: string, params: unknown): Promise<void> {
    if (this.#inbound >= MAX_INBOUND_REQUESTS)
      return this.#fail(
        id,
        RPC_ERRORS.refused,
        `Over ${MAX_INBOUND_REQUESTS} requests at once; wait for answers first.`,
      );
    this.#inbound += 1;
    try {
      const result = await this.#handlers.request(method, params);
      if (this.#closed === null) this.#write({ jsonrpc: '2.0', id, result: result ?? {} });
    } catch (error) {
      if (error instanceof RpcFailure) return this.#fail(id, error.code, error.message, error.data);
      this.#handlers.fault?.(method, error);
      this.#fail(id, RPC_ERRORS.internal, `${method} failed inside the host; its log says why.`);
    } finally {
      this.#inbound -= 1;
    }
  }

  #onClose(reason: string): void {
    if (this.#closed !== null) return;
    this.#closed = reason;
    // The owner first: what it is told of a request then, it takes for news of a connection that was.
    this.#handlers.close(reason);
    for (const waiting of [...this.#waiting.values()])
      waiting.failure(new Error(`The connection closed: ${reason}`));
  }
}

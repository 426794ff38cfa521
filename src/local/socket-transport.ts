import { connect, type Socket } from 'node:net';
import { LineSplitter } from '../base/line-splitter.ts';
import type { Transport } from '../connection/transport.ts';
import { MAX_SURFACE_MESSAGE_BYTES } from '../protocol/limits.ts';

const MAX_UNREAD_BYTES = 64 * 1024 * 1024;
const OVER_LIMIT = `a message is over the limit of ${MAX_SURFACE_MESSAGE_BYTES} bytes`;

/** One JSON message a line over a unix socket or named pipe. */
export class SocketTransport implements Transport {
  readonly #socket: Socket;
  #onClosed: (reason: string) => void = () => {};
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  start(on: { message(text: string): void; close(reason: string): void }): void {
    const lines = new LineSplitter({ maxBytes: MAX_SURFACE_MESSAGE_BYTES });
    this.#onClosed = on.close;
    this.#socket.on('data', (chunk) => {
      for (const line of lines.push(chunk)) {
        if (this.#closed) return;
        if (line.kind === 'oversize') return this.#fail(OVER_LIMIT);
        if (line.text !== '') on.message(line.text);
      }
      if (lines.pendingBytes > MAX_SURFACE_MESSAGE_BYTES) this.#fail(OVER_LIMIT);
    });
    this.#socket.on('error', (error) => this.#fail(error.message));
    this.#socket.on('close', () => this.#fail('the other side closed'));
    // It may have gone before this was called: then neither event comes any more.
    if (this.#socket.destroyed) queueMicrotask(() => this.#fail('the other side closed'));
  }

  /** A side that does not read is cut off before it fills the memory; it may connect again. */
  send(text: string): void {
    if (this.#closed) return;
    this.#socket.write(text + '\n');
    if (this.#socket.writableLength > MAX_UNREAD_BYTES)
      this.#fail('it does not read what it is sent');
  }

  close(): void {
    this.#closed = true;
    this.#socket.end();
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroy();
    this.#onClosed(reason);
  }
}

/** Connects or throws the socket's own error (`code` ENOENT, ECONNREFUSED, EACCES …). */
export async function connectSocket(path: string, limitMs: number): Promise<Socket> {
  return await new Promise<Socket>((resolve, reject) => {
    const socket = connect(path);
    const timer = setTimeout(
      () => fail(new Error(`No answer from ${path} within ${limitMs} ms`)),
      limitMs,
    );
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

import type { WebSocket } from 'ws';
import type { Transport } from '../../connection/transport.ts';

/** A side that does not read is cut off before it fills the memory; it may connect again. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024;

/** One JSON message a WebSocket text frame. */
export class WsTransport implements Transport {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  start(on: { message(text: string): void; close(reason: string): void }): void {
    this.#socket.on('message', (data, isBinary) => {
      if (isBinary) this.#socket.close(1003, 'text only');
      else on.message(data.toString());
    });
    this.#socket.on('error', (error) => on.close(error.message));
    this.#socket.on('close', (code) => on.close(`closed with ${code}`));
  }

  send(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.send(text);
    if (this.#socket.bufferedAmount > MAX_UNREAD_BYTES) this.#socket.terminate();
  }

  close(reason: string): void {
    this.#socket.close(1000, reason.slice(0, 100));
  }
}

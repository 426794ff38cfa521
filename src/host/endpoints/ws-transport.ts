import type { WebSocket } from 'ws';
import type { Transport } from '../../connection/transport.ts';

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
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text);
  }

  close(reason: string): void {
    this.#socket.close(1000, reason.slice(0, 100));
  }
}

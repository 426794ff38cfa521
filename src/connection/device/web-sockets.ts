import type { OpenSocket, SocketEvents, SocketFactory } from './ports.ts';

/** As much as we use of the WebSocket of a page, or of `ws` in Node. */
interface PlatformSocket {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly readyState: number;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', run: () => void): void;
  addEventListener(type: 'message', run: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: 'close',
    run: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
}

const OPEN = 1;

/** Sockets of the platform's own class: `webSockets((url, protocol) => new WebSocket(url, protocol))`. */
export function webSockets(make: (url: string, protocol: string) => unknown): SocketFactory {
  return (url, protocol, on) => {
    try {
      // The platform's class has overloads that no structural type matches.
      return new WebSocketEnd(make(url, protocol) as PlatformSocket, on);
    } catch (error) {
      // A page may not open ws:// from https://, or its policy forbids the address.
      const reason = error instanceof Error ? error.message : String(error);
      queueMicrotask(() => on.closed(1006, reason));
      return { bufferedBytes: 0, send: () => {}, close: () => {} };
    }
  };
}

class WebSocketEnd implements OpenSocket {
  readonly #socket: PlatformSocket;
  #isOver = false;

  constructor(socket: PlatformSocket, on: SocketEvents) {
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    const end = (code: number, reason: string): void => {
      if (this.#isOver) return;
      this.#isOver = true;
      on.closed(code, reason);
    };
    socket.addEventListener('open', () => {
      if (!this.#isOver) on.opened();
    });
    socket.addEventListener('message', ({ data }) => {
      if (this.#isOver) return;
      if (typeof data === 'string') on.text(data);
      else if (data instanceof ArrayBuffer) on.cargo(new Uint8Array(data));
    });
    // `close` follows, with all that a page may know.
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', ({ code, reason }) => end(code, reason));
    this.#end = end;
  }

  readonly #end: (code: number, reason: string) => void;

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** A socket that the network has cut is closing before its `close` is told, which follows. */
  send(data: string | Uint8Array): void {
    if (!this.#isOver && this.#socket.readyState === OPEN) this.#socket.send(data);
  }

  /** Over at once for its owner: the closing handshake of a dead network takes minutes. */
  close(code = 1000, reason = ''): void {
    if (this.#isOver) return;
    this.#end(code, reason);
    this.#socket.close(code, reason);
  }
}

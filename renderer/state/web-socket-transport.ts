import type { Transport } from '../../src/connection/transport.ts';

const OPEN = 1;

/** A WebSocket that is already open. */
export function webSocketTransport(socket: WebSocket): Transport {
  let isClosed = false;
  return {
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    start: (on) => {
      socket.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (!isClosed && typeof data === 'string') on.message(data);
      };
      socket.onclose = ({ reason, code }) => {
        if (isClosed) return;
        isClosed = true;
        on.close(reason || `the connection ended (${code})`);
      };
    },
    // A socket that the other side has left is closing before its `close` is told, which follows.
    send: (text) => {
      if (!isClosed && socket.readyState === OPEN) socket.send(text);
    },
    close: (reason) => {
      isClosed = true;
      // RFC 6455 §5.5: a close reason has room for 123 bytes.
      socket.close(1000, reason.slice(0, 100));
    },
  };
}

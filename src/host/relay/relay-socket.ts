import { WebSocket, type RawData } from 'ws';
import {
  MAX_CARGO_BYTES,
  MAX_CONTROL_CHARS,
  RELAY_PATH,
  RELAY_SUBPROTOCOL,
} from '../../protocol/relay.ts';

const DIAL_LIMIT_MS = 10_000;
/** A link with so much unsent has stalled; its devices come back by cursor. */
const MAX_UNSENT_BYTES = 64 * 1024 * 1024;

export interface RelaySocketEvents {
  text(text: string): void;
  cargo(bytes: Buffer): void;
  /** The other end is there, whatever it said. */
  heard(): void;
  /** Once; nothing comes after it. In words where there is no code. */
  closed(code: number | null, words: string): void;
}

/** One connection to a relay, as the link uses it. */
export interface RelaySocket {
  send(data: string | Uint8Array, sent?: () => void): void;
  /** What was sent still goes out. `closed` follows. */
  leave(): void;
  /** At once; `closed` follows. */
  end(): void;
}

export type DialRelay = (relay: string, on: RelaySocketEvents) => RelaySocket;

/** The address of a relay's socket. A path before it is kept: the relay may be a part of a site. */
export function socketUrl(relay: string): string {
  return `${relay.replace(/^http/u, 'ws').replace(/\/+$/u, '')}${RELAY_PATH}`;
}

/** What the client signs as the name that it dialled. */
export function authorityOf(relay: string): string {
  return new URL(relay).host;
}

/** Dials by WebSocket; never throws, `closed` says what is wrong. */
export const dialRelay: DialRelay = (relay, on) => {
  const socket = new WebSocket(socketUrl(relay), RELAY_SUBPROTOCOL, {
    handshakeTimeout: DIAL_LIMIT_MS,
    perMessageDeflate: false,
    maxPayload: Math.max(MAX_CARGO_BYTES + 4, MAX_CONTROL_CHARS),
    followRedirects: false,
  });
  let problem = '';
  socket.binaryType = 'nodebuffer';
  socket.on('message', (data: RawData, isBinary: boolean) => {
    on.heard();
    const bytes = bufferOf(data);
    if (isBinary) on.cargo(bytes);
    else on.text(bytes.toString('utf8'));
  });
  socket.on('ping', () => on.heard());
  socket.on('pong', () => on.heard());
  // `close` follows.
  socket.on('error', (error) => (problem = error.message));
  socket.on('close', (code, reason) => {
    const said = reason.toString('utf8');
    on.closed(code === 1006 ? null : code, said === '' ? problem : said);
  });
  return {
    send: (data, sent) => {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(data, () => sent?.());
      if (socket.bufferedAmount > MAX_UNSENT_BYTES) socket.terminate();
    },
    leave: () => socket.close(1000),
    end: () => socket.terminate(),
  };
};

function bufferOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

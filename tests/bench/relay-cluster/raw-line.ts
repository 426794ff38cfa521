import { connect, type Socket } from 'node:net';
import { RELAY_PATH, RELAY_SUBPROTOCOL } from '../../../src/protocol/relay.ts';

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const NO_MASK = Buffer.alloc(4);
const EMPTY = Buffer.alloc(0);

export interface RawListener {
  up(line: RawLine): void;
  text(line: RawLine, text: string): void;
  gone(line: RawLine): void;
}

/**
 * The least that a WebSocket client can be: with 20,000 of them on the same machine it is the server that is
 * to be measured. Only whole frames below 64 KiB, masked with zeros; pings are answered.
 */
export class RawLine {
  readonly #socket: Socket;
  readonly #listener: RawListener;
  #rest: Buffer = EMPTY;
  #isUp = false;

  /** `from`: the address it comes from, any of 127.0.0.0/8. */
  constructor(authority: string, from: string, listener: RawListener) {
    this.#listener = listener;
    const { hostname, port } = new URL(`http://${authority}`);
    this.#socket = connect({ host: hostname, port: Number(port), localAddress: from });
    this.#socket.setNoDelay(true);
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => listener.gone(this));
    this.#socket.on('data', (bytes) => this.#came(bytes));
    this.#socket.write(
      `GET ${RELAY_PATH} HTTP/1.1\r\nHost: ${authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n` +
        `Sec-WebSocket-Protocol: ${RELAY_SUBPROTOCOL}\r\n\r\n`,
    );
  }

  say(text: string): void {
    this.#frame(TEXT, Buffer.from(text));
  }

  end(): void {
    this.#socket.destroy();
  }

  #frame(opcode: number, body: Buffer): void {
    const isLong = body.length > 125;
    const head = Buffer.allocUnsafe(isLong ? 4 : 2);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (isLong ? 126 : body.length);
    if (isLong) head.writeUInt16BE(body.length, 2);
    this.#socket.write(Buffer.concat([head, NO_MASK, body]));
  }

  #came(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (!this.#isUp && !this.#upgraded()) return;
    while (this.#takeFrame());
    // Nothing idle holds on to what it was read into.
    this.#rest = this.#rest.length === 0 ? EMPTY : Buffer.from(this.#rest);
  }

  #upgraded(): boolean {
    const end = this.#rest.indexOf('\r\n\r\n');
    if (end === -1) return false;
    if (!this.#rest.toString('latin1', 0, 12).endsWith(' 101')) {
      this.end();
      return false;
    }
    this.#rest = this.#rest.subarray(end + 4);
    this.#isUp = true;
    this.#listener.up(this);
    return true;
  }

  #takeFrame(): boolean {
    const rest = this.#rest;
    if (rest.length < 2) return false;
    const short = rest.readUInt8(1);
    const start = short === 126 ? 4 : 2;
    if (rest.length < start) return false;
    const end = start + (short === 126 ? rest.readUInt16BE(2) : short);
    if (rest.length < end) return false;
    this.#rest = rest.subarray(end);
    const opcode = rest.readUInt8(0) & 0x0f;
    if (opcode === TEXT) this.#listener.text(this, rest.toString('utf8', start, end));
    else if (opcode === PING) this.#frame(PONG, EMPTY);
    else if (opcode === CLOSE) this.end();
    return true;
  }
}

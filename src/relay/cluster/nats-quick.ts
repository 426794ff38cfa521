import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/transport-node';
import { inside } from './nats-internals.ts';
import { ROOM } from './room.ts';

const CR = 13;
const LF = 10;
const LINE_END_BYTES = 2;

interface Protocol {
  /** Sends what may wait in front of it already. */
  sendCommand(frame: Uint8Array): void;
}

interface Parser {
  parse(chunk: Uint8Array): void;
}

/**
 * The client carries each message over three promises and two copies either way, which is most of
 * what a frame between two nodes costs this process. Here it goes to and from the socket below; all
 * else, the parsing too, stays the client's. Its inside is looked at as it is in 3.4, whose version is
 * pinned; where that is not found, the client is used as it is.
 */
export class QuickWay {
  readonly #protocol: Protocol;
  readonly #socket: Socket;

  private constructor(protocol: Protocol, socket: Socket) {
    this.#protocol = protocol;
    this.#socket = socket;
  }

  /** From now on what is read is parsed at once. null: not with this client. */
  static of(connection: NatsConnection): QuickWay | null {
    const protocol = inside(connection, 'protocol');
    const socket = inside(inside(protocol, 'transport'), 'socket');
    const parser = inside(protocol, 'parser');
    if (!isProtocol(protocol) || !isParser(parser) || !(socket instanceof Socket)) return null;
    const [theirs, ...others] = socket.rawListeners('data');
    if (theirs === undefined || others.length > 0) return null;
    socket.removeAllListeners('data');
    socket.on('data', (chunk: Buffer) => {
      try {
        parser.parse(chunk);
      } catch {
        // Nothing that a server of NATS says; the connection is of no use any more.
        socket.destroy();
      }
    });
    return new QuickWay(protocol, socket);
  }

  /** `payload` was made by `withRoom`. false: it is to be published the usual way. */
  publish(subject: string, payload: Buffer): boolean {
    const line = `PUB ${subject} ${payload.length}\r\n`;
    if (line.length > ROOM.front || !this.#socket.writable) return false;
    const from = payload.byteOffset - line.length;
    const end = line.length + payload.length;
    const frame = Buffer.from(payload.buffer, from, end + LINE_END_BYTES);
    frame.write(line, 0, 'latin1');
    frame[end] = CR;
    frame[end + 1] = LF;
    const isFirst = inside(inside(this.#protocol, 'outbound'), 'byteLength') === 0;
    if (isFirst) this.#socket.write(frame);
    else this.#protocol.sendCommand(frame);
    return true;
  }
}

function isProtocol(found: unknown): found is Protocol {
  return typeof inside(found, 'sendCommand') === 'function';
}

function isParser(found: unknown): found is Parser {
  return typeof inside(found, 'parse') === 'function';
}

import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';
import { MAX_CARGO_BYTES } from '../protocol/relay.ts';
import type { Visitor } from './address-book.ts';
import { frameInPlace, headerWithSlot } from './frame-header.ts';
import { SLOT_BYTES, type Line, type LineListener } from './line.ts';
import type { Pinged } from './liveness.ts';
import type { Role } from './metrics.ts';

/** Up to here one copy costs less than a second buffer in the same system call. */
const COPY_MAX_BYTES = 8 * 1024;
const TOO_LONG = 1009;
/** With so much unread, pings of the other end are not answered. */
const MAX_PONGS_BYTES = 16 * 1024;

const nobody: LineListener = { onText() {}, onCargo() {}, onClosed() {} };

/** Whom a line tells of its own coming and going. */
export interface LineKeeper {
  came(line: SocketLine): Set<SocketLine>;
  admitted(line: SocketLine, role: Role): void;
  gone(line: SocketLine): void;
  /** It sent a ping or a pong of WebSocket itself. */
  beckoned(line: SocketLine): void;
}

/** The server makes its sockets of this class: one object instead of a closure for each event. */
export class CarriedSocket extends WebSocket {
  line: SocketLine | null = null;
}

/**
 * A line over a WebSocket. Cargo is written to the socket below `ws`, which queues nothing of its
 * own as long as it does not compress; so the frames of both stay in order.
 */
export class SocketLine implements Line, Pinged {
  listener: LineListener = nobody;
  /** Was anything heard since this was last cleared? See Liveness. */
  isHeard = true;
  /** Where it is kept among those that are asked now and then. */
  spoke: Set<SocketLine>;
  readonly isElsewhere = false;
  readonly visitor: Visitor;
  #pauses = 0;
  readonly #ws: CarriedSocket;
  readonly #socket: Duplex;
  readonly #keeper: LineKeeper;

  constructor(ws: CarriedSocket, socket: Duplex, keeper: LineKeeper, visitor: Visitor) {
    this.visitor = visitor;
    this.spoke = keeper.came(this);
    this.#ws = ws;
    this.#socket = socket;
    this.#keeper = keeper;
    ws.line = this;
    ws.on('message', heard);
    ws.on('ping', pinged);
    ws.on('pong', answered);
    ws.on('close', closed);
    // `close` follows; what is wrong with a stranger's frames is not our news.
    ws.on('error', ignored);
  }

  get unread(): number {
    return this.#socket.writableLength;
  }

  admitted(role: Role): void {
    this.#keeper.admitted(this, role);
  }

  sendText(text: string): void {
    this.#ws.send(text);
  }

  sendCargoAfterSlot(frame: Buffer): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#socket.write(frameInPlace(frame));
  }

  sendCargoToSlot(slot: number, cargo: Buffer): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (cargo.length <= COPY_MAX_BYTES) {
      const frame = headerWithSlot(slot, cargo.length, cargo.length);
      cargo.copy(frame, frame.length - cargo.length);
      this.#socket.write(frame);
      return;
    }
    this.#socket.cork();
    this.#socket.write(headerWithSlot(slot, cargo.length, 0));
    this.#socket.write(cargo);
    this.#socket.uncork();
  }

  close(code: number, reason: string): void {
    this.listener = nobody;
    // A paused socket would not hear the other side's answer.
    if (this.isPaused) this.#ws.resume();
    this.#pauses = 0;
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  ping(): void {
    if (this.#ws.readyState === WebSocket.OPEN) this.#ws.ping();
  }

  onceDrained(act: () => void): void {
    this.#socket.once('drain', act);
  }

  get isPaused(): boolean {
    return this.#pauses > 0;
  }

  pause(): void {
    this.#pauses += 1;
    if (this.#pauses === 1) this.#ws.pause();
  }

  resume(): void {
    if (!this.isPaused) return;
    this.#pauses -= 1;
    if (this.isPaused) return;
    // What was not read for our sake is not held against it.
    this.isHeard = true;
    this.#ws.resume();
  }

  /** From the socket's events only, as is `ended`. */
  received(data: RawData, isBinary: boolean): void {
    this.isHeard = true;
    // `ws` hands over Buffers unless it is told otherwise.
    const bytes = data as Buffer;
    if (!isBinary) this.listener.onText(bytes.toString());
    else if (bytes.length <= MAX_CARGO_BYTES + SLOT_BYTES) this.listener.onCargo(bytes);
    else this.close(TOO_LONG, 'A frame is too long.');
  }

  /** `ping`: what it is to hear again. */
  beckoned(ping: Buffer | null): void {
    this.isHeard = true;
    this.#keeper.beckoned(this);
    // RFC 6455 §5.5.3 asks for an answer to the last one only: who does not read has had enough.
    if (ping !== null && this.unread <= MAX_PONGS_BYTES && this.#ws.readyState === WebSocket.OPEN)
      this.#ws.pong(ping);
  }

  ended(): void {
    this.#keeper.gone(this);
    this.listener.onClosed();
  }
}

function heard(this: WebSocket, data: RawData, isBinary: boolean): void {
  (this as CarriedSocket).line?.received(data, isBinary);
}

function pinged(this: WebSocket, data: Buffer): void {
  (this as CarriedSocket).line?.beckoned(data);
}

function answered(this: WebSocket): void {
  (this as CarriedSocket).line?.beckoned(null);
}

function closed(this: WebSocket): void {
  (this as CarriedSocket).line?.ended();
}

function ignored(): void {}

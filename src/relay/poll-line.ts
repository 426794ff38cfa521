import type { ServerResponse } from 'node:http';
import { MAX_UNREAD_BYTES, POLL_RESUME_SECONDS } from '../protocol/relay.ts';
import type { Clock } from './clock.ts';
import { SLOT_BYTES, type Line, type LineListener } from './line.ts';
import type { Pinged } from './liveness.ts';
import type { Role } from './metrics.ts';

/** For who is being closed to read what is on its way. */
const CLOSE_LIMIT_MS = 10_000;

/** Whom a line tells of its own coming and going. */
export interface PollKeeper {
  admitted(line: PollLine, role: Role): void;
  gone(line: PollLine): void;
}

interface Event {
  readonly n: number;
  readonly text: string;
}

const nobody: LineListener = { onText() {}, onCargo() {}, onClosed() {} };

/**
 * A line over POST and SSE. Events are numbered, and kept until the client shows by
 * `Last-Event-ID` that it has them, or until newer ones need the room.
 */
export class PollLine implements Line, Pinged {
  listener: LineListener = nobody;
  readonly isElsewhere = false;
  readonly isPaused = false;
  readonly #clock: Clock;
  readonly #keeper: PollKeeper;
  readonly #kept: Event[] = [];
  #keptBytes = 0;
  #last = 0;
  /** Up to here the network has taken it. */
  #flushed = 0;
  #unread = 0;
  #stream: ServerResponse | null = null;
  #stopWaiting: () => void;
  #pauses = 0;
  #isClosed = false;
  readonly #onDrained: (() => void)[] = [];
  readonly #onResumed: (() => void)[] = [];

  constructor(clock: Clock, keeper: PollKeeper) {
    this.#clock = clock;
    this.#keeper = keeper;
    this.#stopWaiting = this.#waitForClient();
  }

  get unread(): number {
    return this.#unread;
  }

  /** Silence says nothing here: nobody can answer on a stream that goes one way. */
  get isHeard(): boolean {
    return true;
  }

  set isHeard(_heard: boolean) {}

  get isReading(): boolean {
    return this.#pauses === 0;
  }

  admitted(role: Role): void {
    this.#keeper.admitted(this, role);
  }

  sendText(text: string): void {
    this.#append('text', text);
  }

  sendCargoAfterSlot(frame: Buffer): void {
    this.#append('cargo', frame.subarray(SLOT_BYTES).toString('base64url'));
  }

  sendCargoToSlot(slot: number, cargo: Buffer): void {
    const number = Buffer.allocUnsafe(SLOT_BYTES);
    number.writeUInt32BE(slot);
    this.#append('cargo', Buffer.concat([number, cargo]).toString('base64url'));
  }

  onceDrained(act: () => void): void {
    this.#onDrained.push(act);
  }

  /** Calls back when what is sent here is read again; at once when it is. */
  onceReading(act: () => void): void {
    if (this.isReading) act();
    else this.#onResumed.push(act);
  }

  pause(): void {
    this.#pauses += 1;
  }

  resume(): void {
    this.#pauses = Math.max(0, this.#pauses - 1);
    if (this.isReading) for (const act of this.#onResumed.splice(0)) act();
  }

  /**
   * Takes the client's stream, which has seen all up to `seen`. False when what comes next is not
   * kept any more: then the line is over.
   */
  attach(stream: ServerResponse, seen: number): boolean {
    const first = this.#kept[0]?.n ?? this.#last + 1;
    if (seen > this.#last || seen + 1 < first) {
      this.#end();
      return false;
    }
    this.#stopWaiting();
    this.#stream?.end();
    this.#stream = stream;
    this.#flushed = seen;
    this.#forgetUpTo(seen);
    this.#unread = this.#keptBytes;
    stream.on('close', () => this.#detached(stream));
    stream.on('error', () => {});
    for (const event of this.#kept) this.#write(stream, event);
    if (this.#isClosed) this.#finish(stream);
    return true;
  }

  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.listener = nobody;
    this.#append('close', JSON.stringify({ code, reason }));
    this.#isClosed = true;
    this.#pauses = 0;
    this.resume();
    if (this.#stream !== null) this.#finish(this.#stream);
  }

  ping(): void {
    this.#stream?.write(':\n\n');
  }

  terminate(): void {
    this.#stream?.destroy();
    this.#end();
  }

  #append(event: 'text' | 'cargo' | 'close', data: string): void {
    if (this.#isClosed) return;
    this.#last += 1;
    const text = `id: ${this.#last}\nevent: ${event}\ndata: ${data}\n\n`;
    const entry = { n: this.#last, text };
    this.#kept.push(entry);
    this.#keptBytes += text.length;
    this.#unread += text.length;
    if (this.#keptBytes > MAX_UNREAD_BYTES) this.#forgetForRoom();
    if (this.#stream !== null) this.#write(this.#stream, entry);
  }

  #write(stream: ServerResponse, { n, text }: Event): void {
    stream.write(text, (error) => {
      if (error != null || stream !== this.#stream || n <= this.#flushed) return;
      this.#flushed = n;
      this.#unread -= text.length;
      if (n === this.#last) for (const act of this.#onDrained.splice(0)) act();
    });
  }

  /** Of what the network has taken the oldest goes: most likely it has arrived. */
  #forgetForRoom(): void {
    let oldest = this.#kept[0];
    while (
      oldest !== undefined &&
      oldest.n <= this.#flushed &&
      this.#keptBytes > MAX_UNREAD_BYTES
    ) {
      this.#forgetUpTo(oldest.n);
      oldest = this.#kept[0];
    }
  }

  #forgetUpTo(n: number): void {
    let count = 0;
    for (const event of this.#kept) {
      if (event.n > n) break;
      this.#keptBytes -= event.text.length;
      count += 1;
    }
    this.#kept.splice(0, count);
  }

  #detached(stream: ServerResponse): void {
    if (stream !== this.#stream) return;
    this.#stream = null;
    this.#stopWaiting = this.#waitForClient();
  }

  #waitForClient(): () => void {
    return this.#clock.after(POLL_RESUME_SECONDS * 1_000, () => this.#end());
  }

  #finish(stream: ServerResponse): void {
    stream.end();
    const stop = this.#clock.after(CLOSE_LIMIT_MS, () => stream.destroy());
    stream.on('close', stop);
    this.#end();
  }

  #end(): void {
    this.#isClosed = true;
    this.#stream = null;
    this.#stopWaiting();
    this.#keeper.gone(this);
    const { listener } = this;
    this.listener = nobody;
    listener.onClosed();
  }
}

import { DeadlineExceeded } from '../../base/deadline.ts';
import { EMPTY, readUint64, uint64, utf8 } from '../../crypto/bytes.ts';
import { HandshakeFailed } from '../../crypto/noise/handshake-state.ts';
import type { Timers } from '../timers.ts';
import type { Transport } from '../transport.ts';
import type { FramePipe } from './frame-pipe.ts';
import { FRAME } from './frame-kind.ts';
import { Incoming } from './incoming.ts';
import {
  HANDSHAKE_LIMIT_MS,
  MAX_EARLY_BYTES,
  MAX_OPEN_PINGS,
  MAX_PONG_BACKLOG_BYTES,
  MAX_REASON_BYTES,
  PING_LIMIT_MS,
  type SealedLimits,
} from './limits.ts';
import { OpeningRefused, type Opened, type Opening } from './opening.ts';
import { Outgoing } from './outgoing.ts';
import type { Soon } from './soon.ts';

/** The reason of a channel that is too old or has carried too much: dial again, at once. */
export const RENEW = 'renew';
const NOT_PAIRED =
  'the other side is not the one that was paired, or someone between changed a message';

export interface SealedPorts {
  readonly timers: Timers;
  readonly soon: Soon;
  readonly limits: SealedLimits;
}

interface OpenPing {
  readonly sentAtMs: number;
  resolve(roundTripMs: number): void;
  reject(error: Error): void;
  cancelDeadline(): void;
}

/**
 * Texts over a pipe that nobody between can read, change, repeat, reorder or cut unnoticed. Whatever
 * does not fit ends the channel, with its keys wiped; the owner dials again and resumes by cursor.
 * Made by the functions of `open.ts`.
 */
export class SealedTransport implements Transport {
  /**
   * Rejects when the channel closes before its handshake is done: with {@link HandshakeFailed} when a
   * message did not open, with `OpeningRefused` when this side would not have it.
   */
  readonly opened: Promise<Opened>;
  readonly #pipe: FramePipe;
  readonly #opening: Opening;
  readonly #ports: SealedPorts;
  readonly #outgoing: Outgoing;
  readonly #pings = new Map<number, OpenPing>();
  readonly #undo: (() => void)[] = [];
  #state: 'new' | 'waiting' | 'reading' | 'open' | 'closed' = 'new';
  #incoming: Incoming | null = null;
  #early: Uint8Array[] = [];
  #earlyBytes = 0;
  #carriedBytes = 0;
  #confirmed = false;
  #heardBye = false;
  #lastHeardAtMs: number | null = null;
  #nextPing = 0;
  #on: { message(text: string): void; close(reason: string): void } = {
    message: () => {},
    close: () => {},
  };
  #settle: { resolve(opened: Opened): void; reject(error: Error): void } | null = null;

  constructor(pipe: FramePipe, opening: Opening, ports: SealedPorts) {
    this.#pipe = pipe;
    this.#opening = opening;
    this.#ports = ports;
    this.#outgoing = new Outgoing(
      ports.limits,
      () => ports.timers.nowMs(),
      (sealed) => this.#emit(sealed),
    );
    this.opened = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // Whoever does not ask is told by `close` all the same.
    this.opened.catch(() => {});
  }

  /** When something of the other side last arrived that only it can have sealed. Null before the handshake. */
  get lastHeardAtMs(): number | null {
    return this.#lastHeardAtMs;
  }

  /** At the host: whether the device has answered the handshake, so that its message 1 is no recording. */
  get isConfirmed(): boolean {
    return this.#confirmed;
  }

  get bufferedBytes(): number {
    return this.#outgoing.queuedBytes + this.#pipe.bufferedBytes;
  }

  start(on: { message(text: string): void; close(reason: string): void }): void {
    if (this.#state !== 'new') return;
    this.#on = on;
    this.#state = 'waiting';
    this.#after(HANDSHAKE_LIMIT_MS, () => {
      if (this.#state !== 'open' || (!this.#opening.initiator && !this.#confirmed))
        this.#fail('the other side did not answer in time');
    });
    this.#pipe.start({
      frame: (bytes) => this.#onFrame(bytes),
      close: (reason) => this.#fail(reason),
    });
    const opening = this.#opening;
    if (opening.initiator)
      this.#ports.soon(() => {
        if (this.#state === 'waiting')
          this.#do(async () => {
            const request = opening.request(this.#outgoing);
            const message = await opening.handshake.writeMessage(request);
            if (this.#state !== 'closed') this.#emit(message);
          });
      });
  }

  send(text: string): void {
    if (this.#state === 'closed') return;
    const trouble = this.#outgoing.text(text);
    if (trouble !== null) this.#fail(trouble, true);
  }

  close(reason: string): void {
    this.#end(reason, true);
  }

  /** The round trip to the other end itself, in ms; rejects after 10 s, or when the channel closes. */
  async ping(): Promise<number> {
    if (this.#state !== 'open') throw new Error('The channel is not open.');
    if (this.#pings.size >= MAX_OPEN_PINGS) throw new Error('Too many pings wait for an answer.');
    const id = this.#nextPing++;
    return await new Promise<number>((resolve, reject) => {
      const cancelDeadline = this.#ports.timers.after(PING_LIMIT_MS, () => {
        this.#pings.delete(id);
        reject(new DeadlineExceeded('The answer to a ping', PING_LIMIT_MS));
      });
      const sentAtMs = this.#ports.timers.nowMs();
      this.#pings.set(id, { sentAtMs, resolve, reject, cancelDeadline });
      this.#outgoing.control(FRAME.ping, uint64(id));
    });
  }

  #onFrame(bytes: Uint8Array): void {
    const opening = this.#opening;
    if (this.#state === 'open') return this.#onSealed(bytes);
    if (this.#state === 'waiting') {
      this.#state = 'reading';
      return this.#do(async () =>
        opening.initiator ? await this.#readAnswer(bytes) : await this.#readRequest(bytes),
      );
    }
    if (this.#state !== 'reading') return;
    // The host may go on right after its answer, while that is still being read here.
    this.#earlyBytes += bytes.length;
    if (!opening.initiator || this.#earlyBytes > MAX_EARLY_BYTES)
      return this.#fail('a message came before the handshake was done');
    this.#early.push(bytes);
  }

  async #readAnswer(message: Uint8Array): Promise<void> {
    const opening = this.#opening;
    if (!opening.initiator) return;
    const payload = await opening.handshake.readMessage(message);
    if (this.#state !== 'reading') return;
    const texts = opening.answered(payload);
    this.#open(payload);
    // The host keeps back what matters until it knows that this is no recording: tell it at once.
    this.#outgoing.control(FRAME.credit, new Uint8Array(4));
    this.#deliver(texts);
    for (const bytes of this.#early.splice(0)) this.#onFrame(bytes);
  }

  async #readRequest(message: Uint8Array): Promise<void> {
    const opening = this.#opening;
    if (opening.initiator) return;
    const payload = await opening.handshake.readMessage(message);
    if (this.#state !== 'reading') return;
    const texts = opening.requested(payload);
    this.#lastHeardAtMs = this.#ports.timers.nowMs();
    this.#deliver(texts);
    await new Promise<void>((resolve) => this.#ports.soon(resolve));
    if (this.#state !== 'reading') return;
    const answer = await opening.answer(this.#outgoing);
    const sealed = await opening.handshake.writeMessage(answer);
    if (this.#state !== 'reading') return;
    this.#emit(sealed);
    this.#open(payload);
  }

  #open(payload: Uint8Array): void {
    const { handshake } = this.#opening;
    const { remoteStatic } = handshake;
    const { send, receive, hash, secret, forget } = handshake.finish();
    this.#undo.push(forget);
    this.#incoming = new Incoming(receive, this.#ports.limits, {
      heard: () => this.#onHeard(),
      text: (text) => this.#on.message(text),
      credit: (bytes) => this.#outgoing.credit(bytes),
      taken: (bytes) => {
        const body = new Uint8Array(4);
        new DataView(body.buffer).setUint32(0, bytes);
        this.#outgoing.control(FRAME.credit, body);
      },
      ping: (body) => {
        if (this.#pipe.bufferedBytes <= MAX_PONG_BACKLOG_BYTES)
          this.#outgoing.control(FRAME.pong, body);
      },
      pong: (body) => this.#onPong(body),
      bye: (reason) => {
        this.#heardBye = true;
        this.#fail(reason);
      },
    });
    this.#state = 'open';
    this.#lastHeardAtMs = this.#ports.timers.nowMs();
    this.#after(this.#ports.limits.maxAgeMs, () => this.#fail(RENEW, true));
    this.#settle?.resolve({ remoteStatic: remoteStatic ?? EMPTY, hash, secret, forget, payload });
    this.#outgoing.open(send);
  }

  #deliver(texts: readonly string[]): void {
    for (const text of texts) if (this.#state !== 'closed') this.#on.message(text);
  }

  #onSealed(bytes: Uint8Array): void {
    if (this.#incoming === null || !this.#carry(bytes.length)) return;
    const wrong = this.#incoming.frame(bytes);
    if (wrong !== null) this.#fail(wrong);
  }

  #onHeard(): boolean {
    this.#lastHeardAtMs = this.#ports.timers.nowMs();
    if (this.#confirmed) return true;
    this.#confirmed = true;
    try {
      if (!this.#opening.initiator) this.#opening.confirmed();
    } catch (error) {
      this.#onTrouble(error);
    }
    // Whoever was told may have closed it.
    return this.#state === 'open';
  }

  #onPong(body: Uint8Array): void {
    const id = readUint64(body);
    const ping = id === null ? undefined : this.#pings.get(id);
    // An answer after its deadline is late, not wrong.
    if (id === null || ping === undefined) return;
    this.#pings.delete(id);
    ping.cancelDeadline();
    ping.resolve(this.#ports.timers.nowMs() - ping.sentAtMs);
  }

  #emit(sealed: Uint8Array): void {
    this.#pipe.send(sealed);
    this.#carry(sealed.length);
  }

  /** False when that was one too many, and the channel is closed. */
  #carry(bytes: number): boolean {
    this.#carriedBytes += bytes;
    if (this.#carriedBytes <= this.#ports.limits.maxChannelBytes) return true;
    this.#fail(RENEW, true);
    return false;
  }

  #after(delayMs: number, run: () => void): void {
    this.#undo.push(this.#ports.timers.after(delayMs, run));
  }

  #do(act: () => Promise<void>): void {
    act().catch((error: unknown) => this.#onTrouble(error));
  }

  #onTrouble(error: unknown): void {
    if (error instanceof HandshakeFailed) return this.#fail(NOT_PAIRED, false, error);
    const cause = error instanceof Error ? error : new Error(String(error));
    this.#fail(cause.message, false, cause);
  }

  #fail(reason: string, sayBye = false, cause?: Error): void {
    if (this.#state === 'closed') return;
    this.#end(reason, sayBye, cause);
    this.#on.close(reason);
  }

  #end(reason: string, sayBye: boolean, cause?: Error): void {
    if (this.#state === 'closed') return;
    const bye = sayBye && this.#state === 'open';
    // First, so that whatever calls back finds it closed; the last frame goes by itself.
    this.#state = 'closed';
    if (bye) this.#sayBye(reason);
    this.#outgoing.wipe();
    this.#incoming?.wipe();
    this.#opening.handshake.wipe();
    for (const undo of this.#undo.splice(0)) undo();
    const error = new Error(`The channel closed: ${reason}`);
    for (const ping of this.#pings.values()) {
      ping.cancelDeadline();
      ping.reject(error);
    }
    this.#pings.clear();
    this.#early = [];
    this.#settle?.reject(cause ?? error);
    this.#settle = null;
    this.#pipe.close(inTheClear(reason, bye || this.#heardBye, cause));
  }

  #sayBye(reason: string): void {
    const body = utf8(reason).subarray(0, MAX_REASON_BYTES);
    this.#outgoing.control(FRAME.bye, body);
  }
}

/**
 * What whoever is between hears of an end: nothing of a reason that went sealed, nor of an error that
 * was thrown here, whose words may quote what was sent.
 */
function inTheClear(reason: string, wentSealed: boolean, cause: Error | undefined): string {
  if (wentSealed) return 'closed';
  const isMeant = cause instanceof HandshakeFailed || cause instanceof OpeningRefused;
  return cause === undefined || isMeant ? reason : 'this end has failed';
}

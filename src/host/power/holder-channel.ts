import { DeadlineExceeded } from '../../base/deadline.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Timers } from '../../connection/timers.ts';
import type { Transport } from '../../connection/transport.ts';
import {
  MAX_HOLDER_FRAME_BYTES,
  type HolderNotice,
  type HolderRequest,
} from '../../protocol/holder.ts';
import { parseHolderFrame } from './holder-frames.ts';

/** The holder refused, in its own words. */
export class HolderRefusal extends Error {
  override name = 'HolderRefusal';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiting {
  readonly what: string;
  readonly cancel: () => void;
  resolve(ok: unknown): void;
  reject(error: Error): void;
}

/** One connection to a holder: questions with their answers, and what it tells unasked. */
export class HolderChannel {
  readonly notices = new Emitter<HolderNotice>();
  /** Once. */
  readonly closed = new Emitter<string>();
  readonly #transport: Transport;
  readonly #timers: Pick<Timers, 'after'>;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #closedBecause: string | null = null;

  constructor(transport: Transport, timers: Pick<Timers, 'after'>) {
    this.#transport = transport;
    this.#timers = timers;
    transport.start({
      message: (text) => this.#onText(text),
      close: (reason) => this.#onClosed(reason),
    });
  }

  /** Throws a {@link HolderRefusal}, a `DeadlineExceeded`, or what the connection ended of. */
  async ask(request: HolderRequest, limitMs: number): Promise<unknown> {
    const what = `The holder's ${request.do}`;
    if (this.#closedBecause !== null)
      throw new Error(`${what}: the connection is closed (${this.#closedBecause})`);
    const id = this.#nextId++;
    return await new Promise<unknown>((resolve, reject) => {
      const cancel = this.#timers.after(limitMs, () => {
        this.#waiting.delete(id);
        reject(new DeadlineExceeded(what, limitMs));
      });
      this.#waiting.set(id, { what, cancel, resolve, reject });
      this.#transport.send(JSON.stringify({ id, ...request }));
    });
  }

  close(reason: string): void {
    if (this.#closedBecause !== null) return;
    this.#transport.close(reason);
    this.#onClosed(reason);
  }

  #onText(text: string): void {
    if (this.#closedBecause !== null) return;
    if (text.length > MAX_HOLDER_FRAME_BYTES) return this.close('it said too much at once');
    const frame = parseHolderFrame(text);
    switch (frame.kind) {
      case 'notice':
        return this.notices.emit(frame.notice);
      case 'ok':
        return this.#take(frame.id)?.resolve(frame.ok);
      case 'error':
        return this.#take(frame.id)?.reject(new HolderRefusal(frame.code, frame.message));
      case 'unknown':
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.cancel();
    return waiting;
  }

  #onClosed(reason: string): void {
    if (this.#closedBecause !== null) return;
    this.#closedBecause = reason;
    for (const { what, cancel, reject } of this.#waiting.values()) {
      cancel();
      reject(new Error(`${what}: the connection closed (${reason})`));
    }
    this.#waiting.clear();
    this.closed.emit(reason);
  }
}

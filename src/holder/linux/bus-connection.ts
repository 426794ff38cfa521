import { EventEmitter } from 'node:events';
import { Message, type MessageBus, MessageType, sessionBus } from '@jellybrick/dbus-next';
import type { Timers } from '../../connection/timers.ts';
import type { BusObject, BusSignal } from './bus.ts';

/** A service of the system answers within a few milliseconds. */
const CALL_LIMIT_MS = 3_000;

const DAEMON = {
  name: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  iface: 'org.freedesktop.DBus',
} as const satisfies BusObject;

/** No answer in time. */
export class Late extends Error {
  constructor() {
    super(`no answer within ${CALL_LIMIT_MS / 1_000} s`);
  }
}

/**
 * One connection to a bus, until its end. dbus-next tells of a lost connection in no public way, lets
 * a connect hang, and keeps for ever what is sent on a dead one: hence deadlines, and a look at its insides.
 */
export class BusConnection {
  /** Rejects when the connection is gone; never resolves. */
  readonly failed: Promise<never>;
  /** Usable. */
  readonly ready: Promise<void>;
  readonly #bus: MessageBus;
  readonly #timers: Timers;
  #fail: (error: Error) => void = () => {};

  constructor(address: string, timers: Timers, heard: (signal: BusSignal) => void) {
    this.#timers = timers;
    this.failed = new Promise<never>((_resolve, reject) => (this.#fail = reject));
    this.failed.catch(() => this.#destroy());
    this.#bus = sessionBus({ busAddress: address });
    const connected = new Promise<void>((resolve) => this.#bus.once('connect', () => resolve()));
    this.ready = this.#within(connected);
    this.ready.then(() => this.#onStream('unref'), this.fail);
    this.#bus.on('message', (message) => {
      const { type, path, interface: iface, member, body } = message;
      if (type === MessageType.SIGNAL) heard({ path, iface, member, body });
    });
    // Its types know no errors; one that nobody hears would end the process.
    const emitter: EventEmitter = this.#bus;
    emitter.on('error', this.fail);
    const inner: unknown = Reflect.get(this.#bus, '_connection');
    if (!(inner instanceof EventEmitter)) return;
    inner.on('end', () => this.fail(new Error('it hung up')));
    // It begins to read right after this, and before anything is there to be read.
    inner.once('connect', () => queueMicrotask(() => this.#guardReading()));
  }

  readonly fail = (error: unknown): void => {
    this.#fail(error instanceof Error ? error : new Error(String(error)));
  };

  async call(
    { name, path, iface }: BusObject,
    member: string,
    signature: string,
    body: readonly unknown[],
  ): Promise<readonly unknown[]> {
    await this.ready;
    const reply = await this.#within(
      this.#bus.call(
        new Message({
          destination: name,
          path,
          interface: iface,
          member,
          signature,
          body: [...body],
        }),
      ),
    );
    return reply?.body ?? [];
  }

  async ask(member: string, signature: string, body: readonly unknown[]): Promise<unknown> {
    return (await this.call(DAEMON, member, signature, body))[0];
  }

  /** A service that does not answer is its own affair; a bus that does not is the end of the connection. */
  probe(): void {
    this.ask('GetId', '', []).catch(this.fail);
  }

  async #within<T>(promise: Promise<T>): Promise<T> {
    let stop = (): void => {};
    const late = new Promise<never>((_resolve, reject) => {
      stop = this.#timers.after(CALL_LIMIT_MS, () => reject(new Late()));
    });
    try {
      return await Promise.race([promise, this.failed, late]);
    } finally {
      stop();
    }
  }

  #destroy(): void {
    try {
      this.#bus.disconnect();
    } catch {
      // It was never open.
    }
    this.#onStream('destroy');
  }

  /** What is no message of D-Bus makes dbus-next throw where nobody can catch it. */
  #guardReading(): void {
    const stream = this.#stream();
    if (!(stream instanceof EventEmitter)) return;
    const readers = stream.listeners('readable');
    stream.removeAllListeners('readable');
    stream.on('readable', () => {
      try {
        for (const read of readers) Reflect.apply(read, stream, []);
      } catch (error) {
        this.fail(error);
      }
    });
  }

  /** Neither a bus that nobody asks anything nor one that is half open keeps a process from ending. */
  #onStream(does: 'unref' | 'destroy'): void {
    const stream = this.#stream();
    if (!(stream instanceof Object)) return;
    const method: unknown = Reflect.get(stream, does);
    if (typeof method === 'function') method.call(stream);
  }

  #stream(): unknown {
    const inner: unknown = Reflect.get(this.#bus, '_connection');
    return inner instanceof Object ? Reflect.get(inner, 'stream') : null;
  }
}

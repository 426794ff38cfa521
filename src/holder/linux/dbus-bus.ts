import { DBusError, Variant } from '@jellybrick/dbus-next';
import type { Timers } from '../../connection/timers.ts';
import { BusConnection, Late } from './bus-connection.ts';
import {
  type Bus,
  BusFailure,
  type BusObject,
  type BusSignal,
  fits,
  matchRule,
  type SignalRule,
} from './bus.ts';

const RECONNECT_MIN_MS = 1_000;
const RECONNECT_MAX_MS = 60_000;

interface Listener {
  readonly rule: SignalRule;
  readonly heard: (signal: BusSignal) => void;
}

/** Connects on the first call; while somebody listens it connects again by itself, ever more rarely. */
export class DbusBus implements Bus {
  readonly #address: string | null;
  readonly #label: string;
  readonly #timers: Timers;
  readonly #listeners = new Set<Listener>();
  readonly #watchers = new Set<(isUp: boolean) => void>();
  #connection: BusConnection | null = null;
  #isUp = false;
  #isClosed = false;
  #failures = 0;
  #stopRetry: (() => void) | null = null;

  /** `label` as in `The system bus`; an address of null is a bus that is not there. */
  constructor(address: string | null, label: string, timers: Timers) {
    this.#address = address;
    this.#label = label;
    this.#timers = timers;
  }

  async call(
    of: BusObject,
    member: string,
    signature = '',
    body: readonly unknown[] = [],
  ): Promise<readonly unknown[]> {
    return await this.#use(
      `${of.iface}.${member}`,
      async (connection) => await connection.call(of, member, signature, body),
    );
  }

  async properties(of: BusObject): Promise<Readonly<Record<string, unknown>>> {
    const object = { ...of, iface: 'org.freedesktop.DBus.Properties' };
    const [values] = await this.call(object, 'GetAll', 's', [of.iface]);
    return plainProperties(values);
  }

  async hasOwner(name: string): Promise<boolean> {
    const has = await this.#use(
      'NameHasOwner',
      async (connection) => await connection.ask('NameHasOwner', 's', [name]),
    );
    return has === true;
  }

  listen(rule: SignalRule, heard: (signal: BusSignal) => void): () => void {
    const listener = { rule, heard };
    this.#listeners.add(listener);
    if (this.#connection === null) this.#retryAfter(0);
    else if (this.#isUp) this.#addMatch(this.#connection, rule);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stopRetry?.();
    };
  }

  onConnection(listener: (isUp: boolean) => void): () => void {
    this.#watchers.add(listener);
    return () => void this.#watchers.delete(listener);
  }

  close(): void {
    this.#isClosed = true;
    this.#stopRetry?.();
    this.#connection?.fail(new Error('it was closed'));
  }

  #connect(): BusConnection {
    if (this.#connection !== null) return this.#connection;
    if (this.#isClosed || this.#address === null)
      throw new BusFailure(`${this.#label} is not there.`, null);
    this.#stopRetry?.();
    const connection = new BusConnection(this.#address, this.#timers, (signal) => {
      for (const { rule, heard } of [...this.#listeners]) if (fits(rule, signal)) heard(signal);
    });
    this.#connection = connection;
    connection.ready.then(
      () => this.#up(connection),
      () => {},
    );
    connection.failed.catch(() => this.#down(connection));
    return connection;
  }

  #up(connection: BusConnection): void {
    if (this.#connection !== connection) return;
    this.#failures = 0;
    this.#isUp = true;
    for (const { rule } of this.#listeners) this.#addMatch(connection, rule);
    for (const tell of [...this.#watchers]) tell(true);
  }

  #down(connection: BusConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    const wasUp = this.#isUp;
    this.#isUp = false;
    if (this.#listeners.size > 0)
      this.#retryAfter(Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** this.#failures));
    this.#failures += 1;
    if (wasUp) for (const tell of [...this.#watchers]) tell(false);
  }

  #retryAfter(delayMs: number): void {
    this.#stopRetry?.();
    if (this.#address === null || this.#isClosed) return;
    this.#stopRetry = this.#timers.after(delayMs, () => {
      this.#stopRetry = null;
      if (this.#listeners.size > 0) this.#connect();
    });
  }

  #addMatch(connection: BusConnection, rule: SignalRule): void {
    // Deaf, it is of no use: then anew.
    connection.ask('AddMatch', 's', [matchRule(rule)]).catch(connection.fail);
  }

  async #use<T>(what: string, ask: (connection: BusConnection) => Promise<T>): Promise<T> {
    const connection = this.#connect();
    try {
      return await ask(connection);
    } catch (error) {
      if (error instanceof Late) connection.probe();
      if (error instanceof DBusError)
        throw new BusFailure(`${what}: ${error.text}`, error.type, { cause: error });
      const why = error instanceof Error ? error.message : String(error);
      throw new BusFailure(`${this.#label} cannot be used for ${what}: ${why}`, null, {
        cause: error,
      });
    }
  }
}

/** `a{sv}` as dbus-next reads it, without the variants. */
export function plainProperties(values: unknown): Readonly<Record<string, unknown>> {
  if (values === null || typeof values !== 'object') return {};
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value instanceof Variant ? value.value : value,
    ]),
  );
}

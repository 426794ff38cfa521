import { type ChildProcess, spawn } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Message, type MessageBus, sessionBus } from '@jellybrick/dbus-next';

const START_LIMIT_MS = 10_000;
const POLL_MS = 10;

/** What a program under test needs to find these buses instead of the machine's own. */
export interface BusAddresses {
  readonly DBUS_SYSTEM_BUS_ADDRESS: string;
  readonly DBUS_SESSION_BUS_ADDRESS: string;
}

/**
 * A system bus and a session bus of a test's own, in a temporary folder, open to everyone: neither has
 * anything on it but what the test puts there, so nothing on them can reach this machine's power.
 * Everything started here gets SIGKILL when the test's process dies of anything.
 */
export class TestBuses {
  /** For sockets, logs and whatever else the test keeps; other users may read it. */
  readonly folder = mkdtempSync(join(tmpdir(), 'porchlight-bus-'));
  readonly env: BusAddresses = {
    DBUS_SYSTEM_BUS_ADDRESS: `unix:path=${join(this.folder, 'system')}`,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(this.folder, 'session')}`,
  };
  readonly #children: ChildProcess[] = [];
  readonly #daemons = new Map<'system' | 'session', ChildProcess>();
  readonly #clients = new Map<'system' | 'session', BusClient>();

  private constructor() {
    chmodSync(this.folder, 0o755);
  }

  static async start(): Promise<TestBuses> {
    const buses = new TestBuses();
    await Promise.all([buses.startBus('system'), buses.startBus('session')]);
    return buses;
  }

  /** Again after `endBus`. */
  async startBus(kind: 'system' | 'session'): Promise<void> {
    const config = join(this.folder, `${kind}.conf`);
    const socket = join(this.folder, kind);
    rmSync(socket, { force: true });
    writeFileSync(config, busConfig(kind, socket));
    this.#daemons.set(
      kind,
      this.spawn('dbus-daemon', [`--config-file=${config}`, '--nofork', '--nopidfile']),
    );
    await eventually(`a ${kind} bus`, async () => await this.client(kind).answers());
  }

  /** The bus dies in the middle of everything. */
  async endBus(kind: 'system' | 'session'): Promise<void> {
    this.#clients.get(kind)?.close();
    this.#clients.delete(kind);
    await ended(this.#daemons.get(kind));
  }

  /** The bus hangs: it takes connections and answers nothing. */
  stopBus(kind: 'system' | 'session', signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#daemons.get(kind)?.kill(signal);
  }

  client(kind: 'system' | 'session'): BusClient {
    const client = this.#clients.get(kind) ?? new BusClient(this.address(kind));
    this.#clients.set(kind, client);
    return client;
  }

  address(kind: 'system' | 'session'): string {
    return this.env[kind === 'system' ? 'DBUS_SYSTEM_BUS_ADDRESS' : 'DBUS_SESSION_BUS_ADDRESS'];
  }

  /** A program on these buses, which ends with the test. */
  spawn(
    command: string,
    args: readonly string[],
    { uid, env = {} }: { readonly uid?: number; readonly env?: Record<string, string> } = {},
  ): ChildProcess {
    const child = spawn(
      'setpriv',
      [
        ...(uid === undefined ? [] : [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']),
        '--pdeathsig=KILL',
        command,
        ...args,
      ],
      // Nobody reads what they say about missing parts of a whole system; it would fill a pipe.
      { stdio: ['pipe', 'ignore', 'ignore'], env: { ...process.env, ...this.env, ...env } },
    );
    child.on('error', () => {});
    child.stdin?.on('error', () => {});
    this.#children.push(child);
    return child;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    await Promise.all(this.#children.toReversed().map(ended));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A peer on a bus, for what a test asks and tells. */
export class BusClient {
  readonly #address: string;
  #bus: MessageBus | null = null;

  constructor(address: string) {
    this.#address = address;
  }

  async call(
    destination: string,
    path: string,
    [iface, member]: readonly [string, string],
    signature = '',
    body: readonly unknown[] = [],
  ): Promise<readonly unknown[]> {
    const reply = await this.#connection().call(
      new Message({ destination, path, interface: iface, member, signature, body: [...body] }),
    );
    return reply?.body ?? [];
  }

  async answers(): Promise<boolean> {
    let late: NodeJS.Timeout | undefined;
    try {
      return await Promise.race([
        this.hasOwner('org.freedesktop.DBus'),
        new Promise<false>((resolve) => {
          late = setTimeout(() => {
            this.close();
            resolve(false);
          }, 20);
        }),
      ]);
    } catch {
      this.close();
      return false;
    } finally {
      clearTimeout(late);
    }
  }

  async hasOwner(name: string): Promise<boolean> {
    const [has] = await this.call(
      'org.freedesktop.DBus',
      '/org/freedesktop/DBus',
      ['org.freedesktop.DBus', 'NameHasOwner'],
      's',
      [name],
    );
    return has === true;
  }

  async untilOwned(name: string): Promise<void> {
    await eventually(`an owner of ${name}`, async () => await this.hasOwner(name));
  }

  close(): void {
    this.#bus?.disconnect();
    this.#bus = null;
  }

  #connection(): MessageBus {
    if (this.#bus === null) {
      this.#bus = sessionBus({ busAddress: this.#address });
      // Its types do not know this event.
      const emitter: EventEmitter = this.#bus;
      emitter.on('error', () => {});
    }
    return this.#bus;
  }
}

/** Waits until `probe` answers something, and returns it. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | null | false>,
  limitMs = START_LIMIT_MS,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`No ${what} within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Ends a process by its id and waits until it is gone. */
export async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

function busConfig(kind: 'system' | 'session', socket: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>${kind}</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
`;
}

import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type BusClient, ended, eventually, type TestBuses } from './test-bus.ts';

const LOGIND = ['/usr/lib/systemd/systemd-logind', '/lib/systemd/systemd-logind'].find((path) =>
  existsSync(path),
);
const POLKITD = ['/usr/lib/polkit-1/polkitd', '/usr/libexec/polkitd'].find((path) =>
  existsSync(path),
);

const LOGIN = 'org.freedesktop.login1';
const LOGIN_PATH = '/org/freedesktop/login1';
const MANAGER = 'org.freedesktop.login1.Manager';

/** Somebody who is neither root nor logged in: what root may do proves nothing about polkit. */
export const SOMEBODY = 1000;

export interface Inhibitor {
  /** Sorted: `handle-lid-switch`, `idle`, `sleep`. */
  readonly what: readonly string[];
  readonly who: string;
  readonly why: string;
  readonly mode: 'block' | 'delay' | 'block-weak';
  readonly uid: number;
  readonly pid: number;
}

/** Why a real logind cannot be run here; null when it can. */
export function whyNoLogind(): string | null {
  if (LOGIND === undefined) return 'systemd-logind is not installed';
  if (process.getuid?.() !== 0) return 'a logind of our own needs root';
  if (spawnSync('dbus-daemon', ['--version']).status !== 0) return 'dbus-daemon is not installed';
  const mounted = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/run/systemd']);
  return mounted.status === 0 ? null : 'nothing can be mounted in a namespace of our own here';
}

/**
 * A real systemd-logind on a test's own system bus, with a /run/systemd of its own. It cannot put this
 * machine to sleep: that takes systemd itself, which is not on that bus.
 */
export class RealLogind {
  readonly #buses: TestBuses;
  #logind: ChildProcess | null = null;
  #polkit: ChildProcess | null = null;

  private constructor(buses: TestBuses) {
    this.#buses = buses;
  }

  /** Without polkit, everybody but root is refused everything that would need it. */
  static async start(
    buses: TestBuses,
    {
      polkit = false,
      polkitRule = '',
    }: {
      readonly polkit?: boolean;
      /** As an administrator would put it into /etc/polkit-1/rules.d. */
      readonly polkitRule?: string;
    } = {},
  ): Promise<RealLogind> {
    const logind = new RealLogind(buses);
    if (polkit) await logind.#startPolkit(polkitRule);
    await logind.restart();
    return logind;
  }

  get #client(): BusClient {
    return this.#buses.client('system');
  }

  /** As an upgrade of systemd does it; its locks are gone when it comes back in a new /run/systemd. */
  async restart(): Promise<void> {
    await this.end();
    const script = [
      'mount -t tmpfs tmpfs /run/systemd',
      'mkdir -p /run/systemd/inhibit /run/systemd/seats /run/systemd/sessions /run/systemd/users',
      'exec "$1"',
    ].join(' && ');
    this.#logind = this.#buses.spawn('unshare', ['-m', 'sh', '-c', script, 'logind', LOGIND ?? '']);
    await this.#client.untilOwned(LOGIN);
  }

  async end(): Promise<void> {
    await ended(this.#logind ?? undefined);
    await eventually('end of logind', async () => !(await this.#client.hasOwner(LOGIN)));
  }

  async inhibitors(): Promise<readonly Inhibitor[]> {
    const [rows] = await this.#client.call(LOGIN, LOGIN_PATH, [MANAGER, 'ListInhibitors']);
    return (rows as [string, string, string, Inhibitor['mode'], number, number][]).map(
      ([what, who, why, mode, uid, pid]) => ({
        what: what.split(':').toSorted(),
        who,
        why,
        mode,
        uid,
        pid,
      }),
    );
  }

  /** Waits until the list of inhibitors is as asked for. */
  async untilInhibitors(
    what: string,
    asked: (list: readonly Inhibitor[]) => boolean,
    limitMs?: number,
  ): Promise<readonly Inhibitor[]> {
    return await eventually(
      what,
      async () => {
        const list = await this.inhibitors();
        return asked(list) && list;
      },
      limitMs,
    );
  }

  /** A property of the manager: `BlockInhibited`, `HandleLidSwitch`. */
  async property(name: string): Promise<unknown> {
    const [value] = await this.#client.call(
      LOGIN,
      LOGIN_PATH,
      ['org.freedesktop.DBus.Properties', 'Get'],
      'ss',
      [MANAGER, name],
    );
    return (value as { value: unknown }).value;
  }

  async #startPolkit(rule: string): Promise<void> {
    const script = [
      'mount -t tmpfs -o mode=755 tmpfs /etc/polkit-1/rules.d',
      'printf %s "$2" > /etc/polkit-1/rules.d/50-test.rules',
      'exec "$1" --no-debug',
    ].join(' && ');
    this.#polkit = this.#buses.spawn('unshare', [
      '-m',
      'sh',
      '-c',
      script,
      'polkitd',
      POLKITD ?? 'polkitd',
      rule,
    ]);
    await this.#client.untilOwned('org.freedesktop.PolicyKit1');
  }

  async endPolkit(): Promise<void> {
    await ended(this.#polkit ?? undefined);
  }
}

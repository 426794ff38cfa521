import { Variant } from '@jellybrick/dbus-next';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { ended, type TestBuses } from './test-bus.ts';

/** Debian's own: a Python that comes from elsewhere first in PATH does not have the module. */
const PYTHON = '/usr/bin/python3';
const MOCK = 'org.freedesktop.DBus.Mock';
const PROPERTIES = 'org.freedesktop.DBus.Properties';

export const LOGIN = {
  name: 'org.freedesktop.login1',
  path: '/org/freedesktop/login1',
  iface: 'org.freedesktop.login1.Manager',
  bus: 'system',
} as const satisfies MockName;

export const UPOWER = {
  name: 'org.freedesktop.UPower',
  path: '/org/freedesktop/UPower',
  iface: 'org.freedesktop.UPower',
  bus: 'system',
} as const satisfies MockName;

export const GNOME_SESSION = {
  name: 'org.gnome.SessionManager',
  path: '/org/gnome/SessionManager',
  iface: 'org.gnome.SessionManager',
  bus: 'session',
} as const satisfies MockName;

export const POWER_MANAGEMENT = {
  name: 'org.freedesktop.PowerManagement',
  path: '/org/freedesktop/PowerManagement/Inhibit',
  iface: 'org.freedesktop.PowerManagement.Inhibit',
  bus: 'session',
} as const satisfies MockName;

export const KDE_POWER = {
  name: 'org.kde.Solid.PowerManagement',
  path: '/org/kde/Solid/PowerManagement',
  iface: 'org.kde.Solid.PowerManagement',
  bus: 'session',
} as const satisfies MockName;

interface MockName {
  readonly name: string;
  readonly path: string;
  readonly iface: string;
  readonly bus: 'system' | 'session';
}

/** A value with its D-Bus type: `['b', true]`. */
export type Typed = readonly [signature: string, value: unknown];

export function whyNoDbusmock(): string | null {
  return spawnSync(PYTHON, ['-c', 'import dbusmock']).status === 0
    ? null
    : 'python3-dbusmock is not installed';
}

/** A stand-in for a service of the system or of a desktop, played by python-dbusmock. */
export class Mock {
  readonly #buses: TestBuses;
  readonly #of: MockName;
  readonly #process: ChildProcess;

  private constructor(buses: TestBuses, of: MockName, process: ChildProcess) {
    this.#buses = buses;
    this.#of = of;
    this.#process = process;
  }

  /** With a template of dbusmock (`logind`, `upower`), or bare, for {@link methods} to fill. */
  static async start(
    buses: TestBuses,
    of: MockName,
    { template, parameters = {} }: { template?: string; parameters?: object } = {},
  ): Promise<Mock> {
    const child = buses.spawn(PYTHON, [
      '-m',
      'dbusmock',
      ...(template === undefined
        ? [`--${of.bus}`, of.name, of.path, of.iface]
        : ['--template', template, '--parameters', JSON.stringify(parameters)]),
    ]);
    const mock = new Mock(buses, of, child);
    await buses.client(of.bus).untilOwned(of.name);
    return mock;
  }

  /** Name, types of what goes in and comes out, and the Python that answers: `ret = dbus.UInt32(7)`. */
  async methods(...methods: readonly (readonly [string, string, string, string])[]): Promise<void> {
    await this.#mock('AddMethods', 'sa(ssss)', [this.#of.iface, methods]);
  }

  /** Another object of the same service. */
  async object(
    path: string,
    {
      iface,
      methods,
    }: { readonly iface: string; readonly methods: readonly (readonly string[])[] },
  ): Promise<void> {
    await this.#mock('AddObject', 'ssa{sv}a(ssss)', [path, iface, {}, methods]);
  }

  async properties(values: Readonly<Record<string, Typed>>): Promise<void> {
    await this.#mock('AddProperties', 'sa{sv}', [this.#of.iface, variants(values)]);
  }

  /** Sets properties and tells of the change, as the real service does. */
  async change(
    values: Readonly<Record<string, Typed>>,
    at: { path: string; iface: string } = this.#of,
  ): Promise<void> {
    await this.#mock('UpdateProperties', 'sa{sv}', [at.iface, variants(values)], at.path);
  }

  async signal(name: string, ...values: readonly Typed[]): Promise<void> {
    await this.#mock('EmitSignal', 'sssav', [
      this.#of.iface,
      name,
      values.map(([signature]) => signature).join(''),
      values.map(([signature, value]) => new Variant(signature, value)),
    ]);
  }

  /** What was called so far, with its arguments, oldest first. */
  async calls(): Promise<readonly (readonly [string, ...unknown[]])[]> {
    const [rows] = await this.#mock('GetCalls', '', []);
    return (rows as [bigint, string, Variant[]][]).map(([, name, args]) => [
      name,
      ...args.map(({ value }) => value),
    ]);
  }

  /** A method that this dbusmock template adds: `AddDischargingBattery`, `SetupDisplayDevice`. */
  async act(member: string, signature: string, body: readonly unknown[]): Promise<void> {
    await this.#mock(member, signature, body);
  }

  async property(name: string): Promise<unknown> {
    const { name: destination, path, iface, bus } = this.#of;
    const [value] = await this.#buses
      .client(bus)
      .call(destination, path, [PROPERTIES, 'Get'], 'ss', [iface, name]);
    return (value as Variant).value;
  }

  async end(): Promise<void> {
    await ended(this.#process);
  }

  async #mock(
    member: string,
    signature: string,
    body: readonly unknown[],
    path = this.#of.path,
  ): Promise<readonly unknown[]> {
    const { name, bus } = this.#of;
    return await this.#buses.client(bus).call(name, path, [MOCK, member], signature, body);
  }
}

/** logind that says it goes to sleep or wakes, and nothing happens. */
export async function mockLogind(
  buses: TestBuses,
  { lidClosed = false }: { readonly lidClosed?: boolean } = {},
): Promise<Mock> {
  const mock = await Mock.start(buses, LOGIN, { template: 'logind' });
  await mock.properties({
    LidClosed: ['b', lidClosed],
    Docked: ['b', false],
    OnExternalPower: ['b', true],
    HandleLidSwitch: ['s', 'suspend'],
    HandleLidSwitchExternalPower: ['s', ''],
    HandleLidSwitchDocked: ['s', 'ignore'],
    BlockInhibited: ['s', ''],
  });
  return mock;
}

export async function prepareForSleep(logind: Mock, start: boolean): Promise<void> {
  await logind.signal('PrepareForSleep', ['b', start]);
}

/** UPower with a battery at `percent`, or with none. */
export async function mockUpower(
  buses: TestBuses,
  { percent, onBattery = false }: { readonly percent: number | null; readonly onBattery?: boolean },
): Promise<Mock> {
  const mock = await Mock.start(buses, UPOWER, {
    template: 'upower',
    parameters: { OnBattery: onBattery, LidIsPresent: percent !== null },
  });
  if (percent !== null) await setBattery(mock, { percent, onBattery });
  return mock;
}

const DISPLAY_DEVICE = {
  path: '/org/freedesktop/UPower/devices/DisplayDevice',
  iface: 'org.freedesktop.UPower.Device',
};

export async function setBattery(
  upower: Mock,
  { percent, onBattery }: { readonly percent: number; readonly onBattery: boolean },
): Promise<void> {
  await upower.change(
    {
      Type: ['u', 2],
      State: ['u', onBattery ? 2 : 1],
      Percentage: ['d', percent],
      IsPresent: ['b', true],
    },
    DISPLAY_DEVICE,
  );
  await upower.change({ OnBattery: ['b', onBattery] });
}

export async function setLid(
  upower: Mock,
  { closed }: { readonly closed: boolean },
): Promise<void> {
  await upower.change({ LidIsClosed: ['b', closed] });
}

/** What KDE's PowerDevil answers: its two names, one process each here. `lidAction` is its number. */
export async function mockKde(
  buses: TestBuses,
  { lidAction }: { readonly lidAction: number },
): Promise<{ readonly power: Mock; readonly inhibit: Mock }> {
  const [power, inhibit] = await Promise.all([
    Mock.start(buses, KDE_POWER),
    mockPowerManagement(buses),
  ]);
  await power.methods(['refreshStatus', '', '', '']);
  await power.object('/org/kde/Solid/PowerManagement/Actions/HandleButtonEvents', {
    iface: 'org.kde.Solid.PowerManagement.Actions.HandleButtonEvents',
    methods: [['lidAction', '', 'i', `ret = ${lidAction}`]],
  });
  return { power, inhibit };
}

/** XFCE's and LXQt's power manager, or the half of KDE's that counts those that inhibit. */
export async function mockPowerManagement(buses: TestBuses): Promise<Mock> {
  const mock = await Mock.start(buses, POWER_MANAGEMENT);
  await mock.methods(
    [
      'Inhibit',
      'ss',
      'u',
      'self.held = getattr(self, "held", set()); ret = len(self.held) + 1; self.held.add(ret)',
    ],
    ['UnInhibit', 'u', '', 'self.held.remove(int(args[0]))'],
    ['HasInhibit', '', 'b', 'ret = len(getattr(self, "held", ())) > 0'],
  );
  return mock;
}

/** GNOME's session, which counts those that inhibit. */
export async function mockGnomeSession(buses: TestBuses): Promise<Mock> {
  const mock = await Mock.start(buses, GNOME_SESSION);
  await mock.properties({ InhibitedActions: ['u', 0] });
  await mock.methods(
    [
      'Inhibit',
      'susu',
      'u',
      'self.held = getattr(self, "held", {}); ret = len(self.held) + 1; self.held[ret] = args[3]',
    ],
    ['Uninhibit', 'u', '', 'self.held.pop(int(args[0]))'],
    [
      'IsInhibited',
      'u',
      'b',
      // Without a loop: what is inside one does not see the arguments.
      'import functools, operator; ret = functools.reduce(operator.or_, getattr(self, "held", {}).values(), 0) & args[0] != 0',
    ],
  );
  return mock;
}

function variants(values: Readonly<Record<string, Typed>>): Record<string, Variant> {
  return Object.fromEntries(
    Object.entries(values).map(([name, [signature, value]]) => [
      name,
      new Variant(signature, value),
    ]),
  );
}

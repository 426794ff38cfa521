import type { Timers } from '../../connection/timers.ts';
import { POWER_MANAGEMENT, SESSION_MANAGER } from './bus-inhibit.ts';
import type { Bus, SignalRule } from './bus.ts';
import { POWERDEVIL } from './desktop.ts';
import { LOGIND } from './logind.ts';
import { UPOWER } from './upower.ts';

/** Heat and displays tell nothing by themselves. */
const SENSORS_EVERY_MS = 30_000;
const DBUS = 'org.freedesktop.DBus';
const PROPERTIES = 'org.freedesktop.DBus.Properties';

export interface WatchDeps {
  readonly system: Bus;
  readonly session: Bus;
  readonly timers: Timers;
  /** Something is held: heat counts. */
  readonly isHolding: () => boolean;
  readonly sensors: () => void;
  readonly changed: () => void;
  readonly sleeping: () => void;
  readonly woke: () => void;
}

/** Listens to all that can change what is held or sensed. Costs nothing while nothing happens. */
export function watchLinux(deps: WatchDeps): () => void {
  const { system, session, timers, isHolding, sensors, changed } = deps;
  let isAsleep = false;
  /** Whoever would have told of the wake is gone, and we run. */
  const endSleep = (): void => {
    if (!isAsleep) return;
    isAsleep = false;
    deps.woke();
  };
  const owner = (name: string): SignalRule => ({
    sender: DBUS,
    iface: DBUS,
    member: 'NameOwnerChanged',
    arg0: name,
  });
  const ends = [
    system.listen(
      { sender: LOGIND.name, path: LOGIND.path, iface: LOGIND.iface, member: 'PrepareForSleep' },
      ({ body: [isGoing] }) => {
        // Told twice by some; once is enough.
        if (typeof isGoing !== 'boolean' || isGoing === isAsleep) return;
        if (isGoing) {
          isAsleep = true;
          deps.sleeping();
          return;
        }
        endSleep();
        sensors();
      },
    ),
    system.listen(
      { sender: LOGIND.name, path: LOGIND.path, iface: PROPERTIES, member: 'PropertiesChanged' },
      changed,
    ),
    system.listen(owner(LOGIND.name), () => {
      endSleep();
      changed();
    }),
    system.listen(owner(UPOWER.name), sensors),
    system.listen(
      {
        sender: UPOWER.name,
        pathNamespace: UPOWER.path,
        iface: PROPERTIES,
        member: 'PropertiesChanged',
      },
      sensors,
    ),
    ...[SESSION_MANAGER.of.name, POWER_MANAGEMENT.of.name, POWERDEVIL.name].map((name) =>
      session.listen(owner(name), changed),
    ),
    session.listen(
      { sender: SESSION_MANAGER.of.name, path: SESSION_MANAGER.of.path, iface: PROPERTIES },
      changed,
    ),
    session.listen(
      {
        sender: POWER_MANAGEMENT.of.name,
        iface: POWER_MANAGEMENT.of.iface,
        member: 'HasInhibitChanged',
      },
      changed,
    ),
    ...['profileChanged', 'configurationReloaded'].map((member) =>
      session.listen({ sender: POWERDEVIL.name, iface: POWERDEVIL.iface, member }, changed),
    ),
    system.onConnection((isUp) => {
      endSleep();
      changed();
      if (isUp) sensors();
    }),
    session.onConnection(changed),
    every(timers, SENSORS_EVERY_MS, () => {
      if (isHolding()) sensors();
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function every(timers: Timers, periodMs: number, run: () => void): () => void {
  let stop = (): void => {};
  const next = (): void => {
    stop = timers.after(periodMs, () => {
      next();
      run();
    });
  };
  next();
  return () => stop();
}

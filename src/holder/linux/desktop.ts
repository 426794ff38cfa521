import { z } from 'zod';
import { GSM_SUSPEND, POWER_MANAGEMENT, SESSION_MANAGER } from './bus-inhibit.ts';
import { type Bus, BusFailure, type BusObject } from './bus.ts';

export const POWERDEVIL = {
  name: 'org.kde.Solid.PowerManagement',
  path: '/org/kde/Solid/PowerManagement',
  iface: 'org.kde.Solid.PowerManagement',
} as const satisfies BusObject;

const POWERDEVIL_BUTTONS = {
  name: POWERDEVIL.name,
  path: '/org/kde/Solid/PowerManagement/Actions/HandleButtonEvents',
  iface: 'org.kde.Solid.PowerManagement.Actions.HandleButtonEvents',
} as const satisfies BusObject;

const XFCONF = {
  name: 'org.xfce.Xfconf',
  path: '/org/xfce/Xfconf',
  iface: 'org.xfce.Xfconf',
} as const satisfies BusObject;

/** Its power daemon, which suspends when the lid closes whatever logind holds. */
const CINNAMON_POWER = 'org.cinnamon.SettingsDaemon.Power';

const BUS = {
  name: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  iface: 'org.freedesktop.DBus',
} as const satisfies BusObject;

/** Who puts the machine to sleep when nobody touches it, and so whom to ask not to. */
export type IdleJudge = 'powerDevil' | 'sessionManager' | 'powerManagement' | 'logind';

/** What the user's desktop does about power, as far as its bus can be asked. */
export interface Desktop {
  readonly idleJudge: IdleJudge;
  /** The judge, where it is not logind, knows that it is asked not to sleep. */
  readonly isInhibited: boolean;
  /** What PowerDevil does when the lid closes; null: it is not there, or does not say. */
  readonly kdeLidAction: number | null;
  readonly hasPowerDevil: boolean;
  /** What XFCE's power manager does when the lid closes: on mains, on battery; null: not known. */
  readonly xfceLidActions: readonly (number | null)[];
  readonly hasCinnamon: boolean;
}

/** Who decides about idleness. Throws {@link BusFailure} where the bus of the session cannot be asked. */
export async function readIdleJudge(bus: Bus): Promise<IdleJudge> {
  return judgeOf(await namesOn(bus));
}

/** Throws {@link BusFailure} where the bus of the session cannot be asked. */
export async function readDesktop(bus: Bus): Promise<Desktop> {
  const names = await namesOn(bus);
  const hasPowerDevil = names.has(POWERDEVIL.name);
  const idleJudge = judgeOf(names);
  const [isInhibited, kdeLidAction, xfceLidActions] = await Promise.all([
    readInhibited(bus, idleJudge),
    hasPowerDevil ? number(bus, POWERDEVIL_BUTTONS, 'lidAction') : null,
    names.has(XFCONF.name)
      ? Promise.all(
          ['lid-action-on-ac', 'lid-action-on-battery'].map(
            async (key) =>
              await number(bus, XFCONF, 'GetProperty', 'ss', [
                'xfce4-power-manager',
                `/xfce4-power-manager/${key}`,
              ]),
          ),
        )
      : [],
  ]);
  const hasCinnamon = names.has(CINNAMON_POWER);
  return { idleJudge, isInhibited, kdeLidAction, hasPowerDevil, xfceLidActions, hasCinnamon };
}

async function namesOn(bus: Bus): Promise<ReadonlySet<string>> {
  const [listed] = await bus.call(BUS, 'ListNames');
  return new Set(z.array(z.string()).parse(listed));
}

function judgeOf(names: ReadonlySet<string>): IdleJudge {
  const hasPowerManagement = names.has(POWER_MANAGEMENT.of.name);
  if (names.has(POWERDEVIL.name) && hasPowerManagement) return 'powerDevil';
  if (names.has(SESSION_MANAGER.of.name)) return 'sessionManager';
  return hasPowerManagement ? 'powerManagement' : 'logind';
}

async function readInhibited(bus: Bus, judge: IdleJudge): Promise<boolean> {
  const ask = async (of: BusObject, member: string, ...flags: number[]): Promise<boolean> => {
    try {
      const signature = flags.length === 0 ? '' : 'u';
      return (await bus.call(of, member, signature, flags))[0] === true;
    } catch (error) {
      if (error instanceof BusFailure) return false;
      throw error;
    }
  };
  switch (judge) {
    case 'sessionManager':
      return await ask(SESSION_MANAGER.of, 'IsInhibited', GSM_SUSPEND);
    case 'powerDevil':
    case 'powerManagement':
      return await ask(POWER_MANAGEMENT.of, 'HasInhibit');
    case 'logind':
      return false;
  }
}

async function number(
  bus: Bus,
  of: BusObject,
  member: string,
  signature = '',
  body: readonly unknown[] = [],
): Promise<number | null> {
  try {
    const [answer] = await bus.call(of, member, signature, body);
    const value: unknown = answer instanceof Object && 'value' in answer ? answer.value : answer;
    return typeof value === 'number' ? value : null;
  } catch (error) {
    // Not set, or a version that cannot be asked.
    if (error instanceof BusFailure) return null;
    throw error;
  }
}

/** Has PowerDevil read its settings anew. Throws when it is there and did not. */
export async function refreshPowerDevil(bus: Bus): Promise<void> {
  if (await bus.hasOwner(POWERDEVIL.name)) await bus.call(POWERDEVIL, 'refreshStatus');
}

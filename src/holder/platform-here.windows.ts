import { z } from 'zod';
import type { HolderEffect, HolderEffects, HolderSensors } from '../protocol/holder.ts';
import type { Battery } from '../protocol/power.ts';
import type { Platform } from './platform.ts';
import { LidAction, LidPlans, POLICY_FIX } from './windows/lid-action.ts';
import { PowerChild } from './windows/power-child.ts';
import { PowerRequest } from './windows/power-request.ts';
import { systemWindowsTools, type WindowsTools } from './windows/tools.ts';
import { watchWindows } from './windows/watch.ts';

const nothingSchema = z.object({});
const stateSchema = z.object({ execution: z.number().int() });
const aboutSchema = z.object({ lid: z.boolean(), s3: z.boolean(), modernStandby: z.boolean() });
/** SYSTEM_POWER_STATUS: 255 is unknown, flag 128 is "no battery". */
const powerSchema = z.object({ mains: z.number(), flag: z.number(), percent: z.number() });
const lidSchema = z.object({ closed: z.boolean().nullable() });
const heatSchema = z.object({ tenthsKelvin: z.array(z.number()) });

const ES_SYSTEM_REQUIRED = 1;
const NO_BATTERY = 128;
const STANDBY_LIMIT =
  'On battery, Windows ends this 5 minutes after the time at which the PC would have slept (Modern Standby).';

/**
 * Windows. A power request holds off idle sleep only; the lid does what the active power plan says, on
 * mains and on battery. Both values are changed only while the lid is held, and journalled before.
 */
export function windowsPlatform(tools: WindowsTools = systemWindowsTools()): Platform {
  const child = new PowerChild(tools);
  const request = new PowerRequest(child);
  const plans = new LidPlans(tools);
  let about: z.infer<typeof aboutSchema> | null = null;

  const machine = async (): Promise<z.infer<typeof aboutSchema> | null> =>
    (about ??= await child.ask(aboutSchema, 'about').catch(() => null));
  const power = async (): Promise<z.infer<typeof powerSchema> | null> =>
    await child.ask(powerSchema, 'power').catch(() => null);

  const counts = async (): Promise<boolean> =>
    ((await child.ask(stateSchema, 'state')).execution & ES_SYSTEM_REQUIRED) !== 0;
  const lidClosed = async (): Promise<boolean | null> => {
    if ((await machine())?.lid !== true) return null;
    return await child
      .ask(lidSchema, 'lid')
      .then(({ closed }) => closed)
      .catch(() => null);
  };

  const idleEffect = async (onBattery: boolean): Promise<HolderEffect> => {
    if (!request.isHeld) return { effective: false, reason: null, fix: null };
    try {
      if (!(await counts())) await request.renew();
      if (!(await counts()))
        return {
          effective: false,
          reason: onBattery ? STANDBY_LIMIT : 'Windows does not count the request to stay awake.',
          fix: onBattery ? 'Connect it to mains.' : null,
        };
      const bounded = onBattery && (await machine())?.modernStandby === true;
      return { effective: true, reason: bounded ? STANDBY_LIMIT : null, fix: null };
    } catch (error) {
      return unknown(error);
    }
  };

  const lidEffect = async (
    awake: HolderEffect,
    onBattery: boolean,
  ): Promise<HolderEffects['lid']> => {
    if ((await machine())?.lid === false)
      return { ...awake, reason: 'This PC has no lid.', fix: null, setUp: null };
    try {
      const policy = await plans.policy();
      const planned = await plans.actions(await plans.activeScheme());
      const ac = policy.ac ?? planned?.ac ?? null;
      const dc = policy.dc ?? planned?.dc ?? null;
      if (ac === null || dc === null)
        return {
          ...awake,
          reason: 'The power plan of this PC knows no lid.',
          fix: null,
          setUp: null,
        };
      const [now, other] = onBattery ? [dc, ac] : [ac, dc];
      const forced = policy.ac !== null || policy.dc !== null;
      if (now !== '0')
        return {
          effective: false,
          reason:
            (onBattery ? policy.dc : policy.ac) === null
              ? null
              : 'A group policy says what closing the lid does.',
          fix: (onBattery ? policy.dc : policy.ac) === null ? null : POLICY_FIX,
          setUp: null,
        };
      if (other === '0') return { effective: true, reason: null, fix: null, setUp: null };
      return {
        effective: true,
        reason: `${onBattery ? 'On mains' : 'On battery'} a closed lid still ends it${forced ? ': a group policy says so' : ''}.`,
        fix: forced ? POLICY_FIX : null,
        setUp: null,
      };
    } catch (error) {
      return { ...unknown(error), setUp: null };
    }
  };

  const sensors = async (): Promise<HolderSensors> => {
    const status = await power();
    const zones = await child.ask(heatSchema, 'heat').catch(() => ({ tenthsKelvin: [] }));
    const celsius = hottest(zones.tenthsKelvin);
    return {
      battery: status === null ? null : batteryOf(status),
      heat: celsius === null ? null : { celsius, level: null },
      lidClosed: await lidClosed(),
      // A plan's lid action counts with an external display too.
      externalDisplay: null,
    };
  };

  return {
    async idleLocks() {
      child.warm();
      return [request];
    },
    lidLocks: async () => [],
    async lidSettings() {
      if ((await machine())?.lid === false) return [];
      const scheme = await plans.activeScheme();
      if ((await plans.actions(scheme)) === null) return [];
      const policy = await plans.policy();
      return (['ac', 'dc'] as const)
        .filter((source) => policy[source] === null)
        .map((source) => new LidAction(plans, scheme, source));
    },
    settingNamed: (id) => LidAction.named(plans, id),
    async effects() {
      // 0: not on mains; what is not known counts as mains.
      const onBattery = (await power())?.mains === 0;
      const idle = await idleEffect(onBattery);
      return { idle, lid: await lidEffect(idle, onBattery) };
    },
    sensors,
    watch(events) {
      child.warm();
      return watchWindows(tools, child, {
        isHolding: () => request.isHeld,
        sensors: () => void sensors().then((read) => events.sensors(read)),
        changed: () => events.changed(),
        sleeping: () => events.sleeping(),
        woke: () => events.woke(),
      });
    },
    // Windows waits two seconds for its programs, and none may ask for more.
    delay: null,
    async displayOff() {
      // On Modern Standby a display that goes off is how the PC goes to sleep.
      if ((await machine())?.modernStandby === false) await child.ask(nothingSchema, 'screenOff');
    },
    async sleepIfLidClosed() {
      if ((await lidClosed()) !== true) return;
      const status = await power();
      const actions = await plans.actions(await plans.activeScheme());
      const action = status?.mains === 0 ? actions?.dc : actions?.ac;
      // What the lid would have done had it been closed now; not switched off, since that loses work.
      if (action === '1' || action === '3') await child.ask(nothingSchema, 'sleep');
      else if (action === '2') await child.ask(nothingSchema, 'hibernate');
    },
    async sleepNow() {
      await child.ask(nothingSchema, 'sleep');
    },
    setUp: async () => 'Windows needs no set-up: the power plan is yours to change.',
  };
}

function unknown(error: unknown): HolderEffect {
  const said = error instanceof Error ? error.message : String(error);
  return { effective: null, reason: `Windows cannot be asked (${said.slice(0, 200)}).`, fix: null };
}

function batteryOf({ mains, flag, percent }: z.infer<typeof powerSchema>): Battery | null {
  if ((flag & NO_BATTERY) !== 0 || percent > 100 || mains > 1) return null;
  return { percent, onMains: mains === 1 };
}

/** Of the zones that read like a temperature: some firmware says 0 K, or never anything else than 27.8 °C. */
function hottest(tenthsKelvin: readonly number[]): number | null {
  const celsius = tenthsKelvin
    .map((tenths) => Math.round(tenths - 2_731.5) / 10)
    .filter((degrees) => degrees > 0 && degrees < 130);
  return celsius.length === 0 ? null : Math.max(...celsius);
}

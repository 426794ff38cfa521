import type { HolderEffect, HolderEffects, HolderSensors } from '../protocol/holder.ts';
import { lidRuleFile } from '../local/lid-rule.ts';
import { Caffeinate } from './macos/caffeinate.ts';
import { LidSetting, readRootDomain } from './macos/lid-setting.ts';
import { parseBattery, parseTherm, parseThermalState, worse } from './macos/pmset.ts';
import type { RootDomain } from './macos/root-domain.ts';
import { Consent } from './macos/consent.ts';
import { type MacosTools, OSASCRIPT, PMSET, complaintOf, systemMacosTools } from './macos/tools.ts';
import { watchMac } from './macos/watch.ts';
import { NotHeld, type Platform, type PlatformEvents } from './platform.ts';

const THERMAL_STATE = 'ObjC.import("Foundation"); $.NSProcessInfo.processInfo.thermalState';
const NOT_LOOKED: RootDomain = {
  lidClosed: null,
  lidCausesSleep: null,
  sleepDisabled: null,
  isDarkWake: null,
};
const SET_UP_FIX = 'Set it up once with `porchlight power setup`: it asks for an administrator.';

/**
 * macOS. A closed lid sleeps whatever assertion is held; only `pmset disablesleep` changes that, and it
 * needs root: one rule for sudo, put there with the person's consent. App Nap does not concern the
 * holder, which has no window; launchd ends it with its session unless it was started detached.
 */
export function macosPlatform(tools: MacosTools = systemMacosTools()): Platform {
  const idle = new Caffeinate(tools);
  const lid = new LidSetting(tools);
  const consent = new Consent(tools);
  let heard: PlatformEvents | null = null;
  let seen = NOT_LOOKED;
  const domain = async (): Promise<RootDomain> => {
    const now = await readRootDomain(tools).catch(() => null);
    if (now === null) return NOT_LOOKED;
    // Lost in a sleep, or changed by somebody; after our own release it is no news, and costs little.
    const isLost = seen.sleepDisabled === true && now.sleepDisabled === false;
    seen = now;
    if (isLost) heard?.changed();
    return now;
  };

  const idleEffect = async (): Promise<HolderEffect> => {
    try {
      const effective = await idle.isListed();
      if (effective === null)
        return none('pmset -g assertions answered in a form that is not known here.');
      if (effective || !idle.isHeld) return { effective, reason: null, fix: null };
      return {
        effective,
        reason: 'caffeinate runs, but macOS does not list what it asks for.',
        fix: null,
      };
    } catch (error) {
      return none(`pmset cannot be asked (${complaintOf(error)}).`);
    }
  };

  const lidEffect = async (awake: HolderEffect): Promise<HolderEffects['lid']> => {
    const { lidClosed, sleepDisabled } = await domain();
    if (sleepDisabled === true) return { effective: true, reason: null, fix: null, setUp: setUp() };
    if (lidClosed === null && sleepDisabled !== null)
      return { ...awake, reason: 'This Mac has no lid.', fix: null, setUp: null };
    if (!consent.isGiven)
      return {
        effective: false,
        reason: 'Nobody has allowed Porchlight to keep this Mac awake with its lid closed.',
        fix: SET_UP_FIX,
        setUp: 'needed',
      };
    if (!(await consent.isKnown()))
      return {
        effective: false,
        reason: `sudo does not know the rule in ${lidRuleFile(tools.uid)}.`,
        fix: 'See whether /etc/sudoers includes the folder /etc/sudoers.d, then undo the set-up and do it again.',
        setUp: 'done',
      };
    if (sleepDisabled === null)
      return { ...none('ioreg does not say whether sleep is disabled.'), setUp: 'done' };
    const isSet = (await lid.read().catch(() => '0')) === '1';
    return {
      effective: false,
      reason: isSet ? 'The setting was lost in a sleep; it is written again.' : null,
      fix: null,
      setUp: 'done',
    };
  };
  const setUp = (): 'needed' | 'done' => (consent.isGiven ? 'done' : 'needed');

  const sensors = async (): Promise<HolderSensors> => {
    const [battery, therm, state, { lidClosed, lidCausesSleep }] = await Promise.all([
      tools
        .run(PMSET, ['-g', 'batt'])
        .then(parseBattery)
        .catch(() => null),
      tools
        .run(PMSET, ['-g', 'therm'])
        .then(parseTherm)
        .catch(() => null),
      tools
        .run(OSASCRIPT, ['-l', 'JavaScript', '-e', THERMAL_STATE])
        .then(parseThermalState)
        .catch(() => null),
      domain(),
    ]);
    const level = worse(therm, state);
    return {
      battery,
      // Degrees are for root alone.
      heat: level === null ? null : { celsius: null, level },
      lidClosed,
      // The kernel's own answer, which counts the mains too: without them a display changes nothing.
      externalDisplay: lidCausesSleep === null ? null : !lidCausesSleep,
    };
  };

  return {
    idleLocks: async () => [idle],
    lidLocks: async () => [],
    async lidSettings() {
      if (!consent.isGiven) return [];
      const { lidClosed, sleepDisabled } = await domain();
      return lidClosed === null && sleepDisabled !== null ? [] : [lid];
    },
    settingNamed: (id) => (id === LidSetting.id ? lid : null),
    async effects() {
      const awake = await idleEffect();
      return { idle: awake, lid: await lidEffect(awake) };
    },
    sensors,
    watch(events: PlatformEvents) {
      heard = events;
      const tell = async (): Promise<void> => events.sensors(await sensors());
      const end = watchMac(tools, {
        holding: () => (!idle.isHeld ? 'nothing' : seen.sleepDisabled === true ? 'lid' : 'idle'),
        sleeping: () => events.sleeping(),
        woke: () => events.woke(),
        look: () => void tell(),
        glance: () => {
          const { lidClosed } = seen;
          void domain().then((now) => (now.lidClosed === lidClosed ? undefined : tell()));
        },
        isAwake: async () => (await domain()).isDarkWake !== true,
      });
      return () => {
        heard = null;
        end();
      };
    },
    // macOS asks every program before it sleeps, but no tool passes that on in time to say no.
    delay: null,
    async displayOff() {
      await tools.run(PMSET, ['displaysleepnow']);
    },
    async sleepIfLidClosed() {
      const { lidClosed, lidCausesSleep, sleepDisabled } = await domain();
      // The lid is looked at only when it moves: a Mac let go behind it would run until it is empty.
      if (lidClosed === true && lidCausesSleep !== false && sleepDisabled !== true)
        await tools.run(PMSET, ['sleepnow']);
    },
    async sleepNow() {
      await tools.run(PMSET, ['sleepnow']);
    },
    async setUp(undo) {
      if (undo) {
        // Without the rule nobody could put it back.
        if (consent.isGiven && (await lid.read()) === '1')
          throw new NotHeld(
            'Sleep is disabled on this Mac, by another Porchlight of yours or by somebody else.',
            'End what holds it, or run: sudo pmset -a disablesleep 0',
          );
        return await consent.takeBack();
      }
      const message = await consent.give();
      // Writing what is there anyway proves the rule; that sudo lists it does not.
      await lid.write(await lid.read());
      return message;
    },
  };
}

function none(reason: string): HolderEffect {
  return { effective: null, reason, fix: null };
}

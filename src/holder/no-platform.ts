import type { HolderEffects, HolderSensors } from '../protocol/holder.ts';
import type { Platform } from './platform.ts';

/** A system that Porchlight does not know how to hold awake: it says so, and does nothing. */
export function noPlatform(name: string): Platform {
  const reason = `Porchlight does not know how to keep ${name} awake.`;
  const effect = { effective: false, reason, fix: null };
  const effects: HolderEffects = { idle: effect, lid: { ...effect, setUp: null } };
  const sensors: HolderSensors = {
    battery: null,
    heat: null,
    lidClosed: null,
    externalDisplay: null,
  };
  return {
    idleLocks: async () => [],
    lidLocks: async () => [],
    lidSettings: async () => [],
    settingNamed: () => null,
    effects: async () => effects,
    sensors: async () => sensors,
    watch: () => () => {},
    delay: null,
    displayOff: async () => {},
    sleepIfLidClosed: async () => {},
    sleepNow: async () => {
      throw new Error(`Porchlight does not know how to put ${name} to sleep.`);
    },
    setUp: async () => reason,
  };
}

import type { PowerReasonCode } from '../../src/protocol/power.ts';

export const celsius = (degrees: number): string => `${Math.round(degrees)} °C`;
export const percent = (of: number): string => `${Math.round(of)} %`;

/** The machine in one line. Apart from all else about it, because a phone loads this first. */
export const machine = {
  sleepsSoon: 'Goes to sleep in a moment',
  safe: (who: string) => `Awake${who}, lid may be closed`,
  behindLid: (who: string) => `Awake${who} with the lid closed`,
  awake: (who: string) => `Awake${who}`,
  keepOpen: 'keep the lid open',
  openIt: 'open the lid',
  maySleep: 'May sleep',
  notHeld: 'Not held awake',
  checking: (who: string) => `Being held awake${who}`,
  sleepsWhenDone: 'sleeps when done',
  sessions: (n: number) => (n === 1 ? '1 session' : `${n} sessions`),
  byHand: 'by hand',
  who: (whose: readonly string[]) => ` for ${whose.join(' and ')}`,
  whoByHand: ' by hand',
  batteryLow: (at: number | null) =>
    at === null ? 'the battery is low' : `the battery is at ${percent(at)}`,
  tooHot: (at: number | null) => (at === null ? 'it is too hot' : `it is ${celsius(at)} hot`),
  /** Reasons in the middle of a sentence; null: the sentence says it already. */
  short: {
    noWork: null,
    off: 'keeping awake is off',
    lidNotWanted: null,
    onBattery: 'it runs on battery',
    batteryUnknown: 'the battery cannot be read',
    tooLong: 'it was held for the longest time allowed',
    quietHours: 'quiet hours',
    notInEffect: 'the system does not hold it',
    notChecked: 'not checked yet',
    relayAway: 'phones cannot reach it',
    needsThisMachine: 'a session needs you here',
    holderAway: 'what holds it awake does not start',
  } satisfies Partial<Record<PowerReasonCode, string | null>>,
} as const;

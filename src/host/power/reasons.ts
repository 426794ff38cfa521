import type { PowerPolicy, PowerReason, PowerReasonCode } from '../../protocol/power.ts';
import type { Guards } from './guards.ts';

/** In words for people; what is known of the machine makes them exact. */
export function reason(
  code: PowerReasonCode,
  { policy, guards }: { readonly policy: PowerPolicy; readonly guards: Guards },
): PowerReason {
  const { battery, heat } = guards;
  const percent = battery === null ? 'low' : `at ${Math.round(battery.percent)} %`;
  const celsius = typeof heat?.celsius === 'number' ? `${Math.round(heat.celsius)} °C` : 'too';
  switch (code) {
    case 'noWork':
      return { code, text: 'Nothing runs: the machine may sleep.' };
    case 'off':
      return {
        code,
        text: 'Keeping the machine awake is turned off.',
        fix: 'porchlight power policy keepAwake=lid',
      };
    case 'lidNotWanted':
      return {
        code,
        text: 'Work holds the machine awake with the lid open only.',
        fix: 'porchlight power policy keepAwake=lid',
      };
    case 'onBattery':
      return {
        code,
        text: 'The machine runs on battery, and is held awake on mains only.',
        fix: 'Plug it in, or: porchlight power policy mainsOnly=off',
      };
    case 'batteryLow':
      return {
        code,
        text: `The battery is ${percent}: nothing is held at or below ${policy.batteryFloor} %.`,
        fix: 'Plug it in.',
      };
    case 'batteryUnknown':
      return { code, text: 'Nobody can say how full the battery is, or how hot the machine.' };
    case 'tooHot':
      return {
        code,
        text: `The machine is ${celsius} hot: nothing is held until it has cooled down.`,
        fix: 'Open the lid, and let it cool.',
      };
    case 'quietHours':
      return {
        code,
        text: `Nothing is held in quiet hours (${policy.quietHours?.from ?? ''} to ${policy.quietHours?.to ?? ''}).`,
        fix: 'porchlight power policy quietHours=none',
      };
    case 'tooLong':
      return {
        code,
        text: `The work has held the machine awake for ${policy.longestHours} hours, which is the longest.`,
        fix: 'porchlight power hold --for 8h',
      };
    case 'notInEffect':
      return { code, text: 'The system does not hold the machine awake.' };
    case 'notChecked':
      return { code, text: 'It has not been checked yet that the machine stays awake.' };
    case 'relayAway':
      return {
        code,
        text: 'Paired devices could not reach this machine within the last minute.',
        fix: 'porchlight doctor, or turn on power.withoutRelay in config.json',
      };
    case 'needsThisMachine':
      return {
        code,
        text: 'A session waits for a decision that only this machine can take.',
        fix: 'porchlight approvals',
      };
    case 'holderAway':
      return {
        code,
        text: 'The process that holds the machine awake cannot be reached.',
        fix: 'porchlight doctor',
      };
  }
}

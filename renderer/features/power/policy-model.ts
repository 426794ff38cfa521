import type { PowerPolicy } from '../../../src/protocol/power.ts';
import { power as t } from '../../strings/power.ts';

/** What the fields hold: as it was typed. */
export interface PolicyForm {
  readonly mainsOnly: boolean;
  readonly batteryFloor: string;
  readonly heatStop: string;
  readonly longestHours: string;
  readonly waitingMinutes: string;
  readonly isQuiet: boolean;
  readonly from: string;
  readonly to: string;
}

export type NumberField = 'batteryFloor' | 'heatStop' | 'longestHours' | 'waitingMinutes';

/** Bounds as the host has them. `step`: whole numbers where it is 1. */
export const NUMBER_FIELDS: {
  readonly [F in NumberField]: {
    readonly name: string;
    readonly hint: string;
    readonly least: number;
    readonly most: number;
    readonly isWhole: boolean;
  };
} = {
  batteryFloor: {
    name: t.policy.batteryFloor,
    hint: t.policy.batteryHint,
    least: 0,
    most: 95,
    isWhole: true,
  },
  heatStop: {
    name: t.policy.heatStop,
    hint: t.policy.heatHint,
    least: 50,
    most: 110,
    isWhole: true,
  },
  longestHours: {
    name: t.policy.longest,
    hint: t.policy.longestHint,
    least: 0,
    most: 720,
    isWhole: false,
  },
  waitingMinutes: {
    name: t.policy.waiting,
    hint: t.policy.waitingHint,
    least: 0,
    most: 44_640,
    isWhole: true,
  },
};

const NIGHT = { from: '22:00', to: '07:00' };
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d$/u;

export function policyForm(policy: PowerPolicy): PolicyForm {
  const { mainsOnly, batteryFloor, heatStop, longestHours, waitingMinutes, quietHours } = policy;
  return {
    mainsOnly,
    batteryFloor: String(batteryFloor),
    heatStop: String(heatStop),
    longestHours: String(longestHours),
    waitingMinutes: String(waitingMinutes),
    isQuiet: quietHours !== null,
    ...(quietHours ?? NIGHT),
  };
}

export type PolicyMade =
  | { readonly ok: true; readonly policy: Omit<PowerPolicy, 'keepAwake'> }
  | { readonly ok: false; readonly problem: string; readonly field: NumberField | 'quiet' };

/** What the fields say; the first thing that cannot be, in words. */
export function policyOf(form: PolicyForm): PolicyMade {
  const numbers = {} as Record<NumberField, number>;
  for (const field of Object.keys(NUMBER_FIELDS) as NumberField[]) {
    const { name, least, most, isWhole } = NUMBER_FIELDS[field];
    const typed = form[field].trim().replace(',', '.');
    const value = typed === '' ? Number.NaN : Number(typed);
    const fits = value >= least && value <= most && (!isWhole || Number.isInteger(value));
    if (!fits) return { ok: false, field, problem: t.policy.outOf(name, least, most) };
    numbers[field] = value;
  }
  const { isQuiet, from, to, mainsOnly } = form;
  if (isQuiet && (!TIME.test(from) || !TIME.test(to) || from === to))
    return { ok: false, field: 'quiet', problem: t.policy.notATime };
  return {
    ok: true,
    policy: { ...numbers, mainsOnly, quietHours: isQuiet ? { from, to } : null },
  };
}

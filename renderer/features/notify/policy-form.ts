import type { AttentionKind, NotifyPolicy } from '../../../src/protocol/attention.ts';
import { notify } from '../../strings/notify.ts';

const t = notify.policy;

export type NumberField =
  | 'seenSec'
  | 'repeatSec'
  | 'repeats'
  | 'digestFrom'
  | 'digestSec'
  | 'silenceMinutes';

/** What the fields hold: as it was typed. */
export type PolicyForm = Readonly<Record<NumberField, string>> & {
  readonly desktop: boolean;
  readonly isQuiet: boolean;
  readonly from: string;
  readonly to: string;
  readonly except: readonly AttentionKind[];
};

interface Bounds {
  readonly name: string;
  readonly hint: string;
  readonly least: number;
  readonly most: number;
}

/** Bounds as the host has them. */
export const NUMBER_FIELDS: { readonly [F in NumberField]: Bounds } = {
  seenSec: { name: t.seenSec, hint: t.seconds(5, 3_600), least: 5, most: 3_600 },
  repeatSec: { name: t.repeatSec, hint: t.seconds(30, 86_400), least: 30, most: 86_400 },
  repeats: { name: t.repeats, hint: t.times(20), least: 0, most: 20 },
  digestFrom: { name: t.digestFrom, hint: t.things(2, 100), least: 2, most: 100 },
  digestSec: { name: t.digestSec, hint: t.seconds(1, 600), least: 1, most: 600 },
  silenceMinutes: { name: t.silenceMinutes, hint: t.minutes(1_440), least: 0, most: 1_440 },
};
export const NUMBERS = Object.keys(NUMBER_FIELDS) as NumberField[];
/** What a person who asks for quiet hours most likely means. */
const NIGHT = { from: '22:00', to: '07:00' };

export function policyForm(policy: NotifyPolicy): PolicyForm {
  const numbers = Object.fromEntries(NUMBERS.map((field) => [field, String(policy[field])]));
  return {
    // One entry a field, made from the list of all.
    ...(numbers as Record<NumberField, string>),
    desktop: policy.desktop,
    isQuiet: policy.quietHours !== null,
    ...(policy.quietHours ?? NIGHT),
    except: policy.quietExcept,
  };
}

export type PolicyMade =
  | { readonly ok: true; readonly policy: Partial<NotifyPolicy> }
  | { readonly ok: false; readonly field: NumberField | 'quiet'; readonly problem: string };

export function policyOf(form: PolicyForm): PolicyMade {
  const policy: Partial<Record<NumberField, number>> = {};
  for (const field of NUMBERS) {
    const { name, least, most } = NUMBER_FIELDS[field];
    const text = form[field].trim();
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      return { ok: false, field, problem: t.wrong(name, least, most) };
    policy[field] = value;
  }
  const { isQuiet, from, to, desktop, except } = form;
  const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
  if (isQuiet && (!isTime(from) || !isTime(to) || from === to))
    return { ok: false, field: 'quiet', problem: t.quietWrong };
  return {
    ok: true,
    policy: {
      ...policy,
      desktop,
      quietHours: isQuiet ? { from, to } : null,
      quietExcept: [...except],
    },
  };
}

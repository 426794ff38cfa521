import {
  ATTENTION_KINDS,
  DEFAULT_NOTIFY_POLICY,
  notifyPolicySchema,
  type AttentionKind,
  type NotifyPolicy,
} from '../../protocol/attention.ts';
import {
  changesOf,
  isNone,
  minutesOf,
  numberOf,
  policyRows,
  quietHours,
  secondsOf,
  secondsText,
  switchOf,
  type PolicyWords,
  type Setting,
} from '../settings.ts';

/** The policy as it is typed: kinds are keys beside the others. */
type Flat = NotifyPolicy['kinds'] & Omit<NotifyPolicy, 'kinds'>;

const onOff = (means: string): Setting<boolean> => ({
  takes: 'on or off',
  read: switchOf,
  show: (value) => (value ? 'on' : 'off'),
  means,
});

const { kinds, ...rest } = notifyPolicySchema.shape;

const WORDS: PolicyWords<Flat> = {
  defaults: flat(DEFAULT_NOTIFY_POLICY),
  shape: { ...kinds.shape, ...rest },
  settings: {
    decision: onOff('told when a call waits for a decision'),
    question: onOff('told when an agent asks something'),
    machine: onOff('told when the machine is in trouble, or an agent hangs'),
    failed: onOff('told when a session has failed'),
    parked: onOff('told when a session was put aside'),
    finished: onOff('told when a turn is over and nothing waits'),
    seenSec: {
      takes: 'a time from 5s to 1h, as in 30s',
      read: secondsOf,
      show: secondsText,
      means: 'not seen for so long, it goes to the next place',
    },
    repeatSec: {
      takes: 'a time from 30s to 1d, as in 5m',
      read: secondsOf,
      show: secondsText,
      means: 'between repetitions, once every place was told',
    },
    repeats: {
      takes: 'a number from 0 (never) to 20',
      read: (typed) => (isNone(typed) ? 0 : numberOf(typed, /^(\d{1,3})$/u)),
      show: (value) => (value === 0 ? 'never' : String(value)),
      means: 'how often it is repeated, louder, at every place',
    },
    quietHours: { ...quietHours, means: 'between them only quietExcept is told' },
    quietExcept: {
      takes: `kinds with commas between, of ${ATTENTION_KINDS.join(', ')}, or none`,
      read: kindsOf,
      show: (value) => (value.length === 0 ? 'none' : value.join(',')),
      means: 'kinds that are told in quiet hours too',
    },
    digestFrom: {
      takes: 'a number from 2 to 100',
      read: (typed) => numberOf(typed, /^(\d{1,3})$/u),
      show: String,
      means: 'so many within digestSec make one notification',
    },
    digestSec: {
      takes: 'a time from 1s to 10m, as in 10s',
      read: secondsOf,
      show: secondsText,
      means: 'the time that digestFrom counts in',
    },
    desktop: onOff('a notification on the desktop of this machine'),
    silenceMinutes: {
      takes: 'a time up to 1d, as in 5m, or 0 for never',
      read: (typed) => (isNone(typed) ? 0 : minutesOf(typed, 1)),
      show: (value) => (value === 0 ? 'never' : `${value}m`),
      means: 'after so long without a word of this machine, the relay tells its devices',
    },
  },
};

/** `key=value` words, as typed after `notify policy`, over the policy that is in force. */
export function notifyChangesOf(
  words: readonly string[],
): (policy: NotifyPolicy) => Partial<NotifyPolicy> {
  const changes = changesOf(WORDS, words);
  return (policy) => {
    const change: Partial<NotifyPolicy> = {};
    const switches = { ...policy.kinds };
    for (const [key, value] of Object.entries(changes)) {
      if (isKind(key)) switches[key] = value === true;
      else Object.assign(change, { [key]: value });
    }
    return ATTENTION_KINDS.some((kind) => kind in changes)
      ? { ...change, kinds: switches }
      : change;
  };
}

/** Rows for people: key, value as it can be typed, meaning. */
export function notifyPolicyRows(policy: NotifyPolicy): (readonly [string, string, string])[] {
  return policyRows(WORDS, flat(policy));
}

function flat({ kinds: switches, ...others }: NotifyPolicy): Flat {
  return { ...switches, ...others };
}

function kindsOf(typed: string): AttentionKind[] | undefined {
  if (isNone(typed)) return [];
  const given = [...new Set(typed.split(',').map((word) => word.trim()))];
  return given.every(isKind) ? given : undefined;
}

function isKind(word: string): word is AttentionKind {
  return ATTENTION_KINDS.some((kind) => kind === word);
}

import type { AttentionKind, NotifyPolicy, NotifyState } from '../../../src/protocol/attention.ts';
import { ATTENTION_KINDS } from '../../../src/protocol/attention.ts';
import type { NotifyTest } from '../../../src/protocol/push.ts';
import { tookWords } from '../../features/reach/reach-words.ts';
import { notify as t } from '../../strings/phone-notify.ts';
import { agoWords } from '../shell/link-words.ts';
import type { PushView } from '../push/push-here.ts';

export interface PushWords {
  readonly tone: 'on' | 'off' | 'wrong';
  readonly title: string;
  readonly body: string;
  /** What can be done about it here. */
  readonly act: 'turnOn' | 'turnOff' | null;
}

/** How this phone is told, in words, and what is to be done where it is not. */
export function pushWords(view: PushView, nowMs: number): PushWords {
  const off = { tone: 'off', act: null } as const;
  if (view.can === 'insecure') return { ...off, title: t.insecure, body: t.insecureWhy };
  if (view.can === 'installFirst') return { ...off, title: t.installFirst, body: t.installFirstDo };
  if (view.can === 'never') return { ...off, title: t.never, body: t.neverDo };
  if (view.permission === 'denied')
    return { tone: 'wrong', title: t.blocked, body: t.blockedDo, act: null };
  const { atHost, isOn } = view;
  if (!isOn) return { ...off, title: t.off, body: '', act: 'turnOn' };
  if (atHost === null || atHost.state === 'off')
    return { tone: 'on', title: t.on(null), body: '', act: 'turnOff' };
  if (atHost.state === 'failing')
    return { tone: 'wrong', title: t.failing, body: atHost.problem ?? '', act: 'turnOff' };
  const last = atHost.lastAt === null ? null : Date.parse(atHost.lastAt);
  const body = last === null ? t.noLast : t.last(agoWords(last, nowMs));
  return { tone: 'on', title: t.on(atHost.service), body, act: 'turnOff' };
}

export function testWords({ ok, status, tookMs, problem }: NotifyTest): string {
  return ok
    ? t.testOk(tookWords(tookMs))
    : t.testFailed(problem === null || problem === '' ? t.testNoWords(status) : problem);
}

/** The kinds after one was switched; null: all of them, so that a later host's new ones are too. */
export function withKind(
  kinds: readonly AttentionKind[] | null,
  kind: AttentionKind,
  isOn: boolean,
): readonly AttentionKind[] | null {
  const next = ATTENTION_KINDS.filter((one) =>
    one === kind ? isOn : kinds === null || kinds.includes(one),
  );
  return next.length === ATTENTION_KINDS.length ? null : next;
}

export function silenceWords({ policy, note }: Pick<NotifyState, 'policy' | 'note'>): {
  readonly words: string;
  readonly why: string | null;
} {
  const minutes = policy.silenceMinutes;
  if (note.state === 'off' || minutes === 0) return { words: t.silenceOff, why: null };
  if (note.state === 'unavailable') return { words: t.silenceNot, why: note.why };
  const words = note.state === 'left' ? t.silenceLeft(minutes) : t.silenceIdle(minutes);
  return { words, why: null };
}

/** `30 s`, `5 min`, `2 h`. */
export function secondsWords(seconds: number): string {
  if (seconds < 60 || (seconds < 3_600 && seconds % 60 !== 0)) return `${seconds} s`;
  if (seconds < 3_600 || seconds % 3_600 !== 0) return `${Math.round(seconds / 60)} min`;
  return `${seconds / 3_600} h`;
}

/** The usual steps, and the one in force wherever it lies. */
export function stepsWith(steps: readonly number[], now: number): readonly number[] {
  return [...new Set([...steps, now])].toSorted((a, b) => a - b);
}

/** What differs, for the host; null: nothing does. */
export function policyChange(
  before: NotifyPolicy,
  after: NotifyPolicy,
): Partial<NotifyPolicy> | null {
  const keys = ['seenSec', 'repeatSec', 'repeats', 'quietHours', 'quietExcept'] as const;
  const changed = keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  if (changed.length === 0) return null;
  return Object.fromEntries(changed.map((key) => [key, after[key]]));
}

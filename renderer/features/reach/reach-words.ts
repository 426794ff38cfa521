import type { Reach } from '../../../src/protocol/reach.ts';
import { reach as t } from '../../strings/reach.ts';
import { ageOf } from '../../ui/time.ts';
import { pulseWords, wholeSpan } from './pulse-words.ts';

/** One part of the way, told of by itself: no leg is called good because of another. */
export interface Leg {
  /** The same for the same thing. */
  readonly id: string;
  readonly name: string;
  /** `unknown`: it is away, or was not asked, and nothing is wrong with that. */
  readonly tone: 'ok' | 'wrong' | 'unknown';
  readonly words: string;
  /** What is wrong, or what it is told by, as the host says it. */
  readonly detail: string | null;
}

const HOUR_MS = 3_600_000;

/** `40 ms`, `1.2 s`. */
export function tookWords(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

export function relayLeg({ relay }: Reach): Leg {
  const { own, url, ok, ms, heardAgoSec, problem } = relay;
  const leg = { id: 'relay', name: own ? t.legs.ownRelay : t.legs.relay, detail: problem };
  if (url === null && problem === null && !ok) return { ...leg, tone: 'unknown', words: t.notSet };
  const heard = heardAgoSec === null ? null : t.heard(secWords(heardAgoSec));
  const answer = !ok ? t.relayAway : ms === null ? t.ok : t.answers(tookWords(ms));
  return { ...leg, tone: ok ? 'ok' : 'wrong', words: joined(answer, heard) };
}

export function deviceLeg(device: Reach['devices'][number], nowMs: number): Leg {
  const { id, name, online, ms, lastSeenAt, push } = device;
  const stands = !online
    ? t.offline(lastSeenAt === null ? null : agoWords(lastSeenAt, nowMs))
    : ms === null
      ? t.onlineSilent
      : `${t.online}, ${t.answers(tookWords(ms))}`;
  const tone = push === 'failing' ? 'wrong' : online && ms !== null ? 'ok' : 'unknown';
  return { id, name, tone, words: joined(stands, t.push[push]), detail: null };
}

export function agentLeg(session: Reach['sessions'][number], nowMs: number): Leg {
  const { id, agent, title, pulse, ms } = session;
  const tone = pulse.pulse === 'hangs' ? 'wrong' : ms === null ? 'unknown' : 'ok';
  const answers = ms === null ? null : t.answers(tookWords(ms));
  const heard = pulse.heardAt === null ? null : t.heard(ageWords(pulse.heardAt, nowMs));
  return {
    id,
    name: title || agent,
    tone,
    words: joined(pulseWords(pulse, nowMs), answers, heard),
    detail: pulse.because === '' ? null : pulse.because,
  };
}

export function serviceLeg({ service }: Reach): Leg {
  const { installed, kind } = service;
  const leg = { id: 'service', name: t.legs.service, detail: null };
  if (installed)
    return { ...leg, tone: 'ok', words: t.serviceOn(kind && (t.service[kind] ?? kind)) };
  return { ...leg, tone: 'unknown', words: kind === null ? t.serviceNone : t.serviceOff };
}

export function noteLeg({ note }: Pick<Reach, 'note'>, nowMs: number): Leg {
  const { state, why, devices, renewedAt } = note;
  const leg = { id: 'note', name: t.legs.note, detail: why };
  if (state !== 'left') return { ...leg, tone: 'unknown', words: t.noteStates[state] };
  const renewed = renewedAt === null ? null : t.noteRenewed(ageWords(renewedAt, nowMs));
  return { ...leg, tone: 'ok', words: joined(t.noteStates.left(devices), renewed) };
}

function joined(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join(', ');
}

function ageWords(at: string, nowMs: number): string {
  return secWords((nowMs - Date.parse(at)) / 1_000);
}

/** `40 s`, `4 min`, `2 h 5 min`. */
export function spanWords(ms: number): string {
  return secWords(ms / 1_000);
}

function secWords(sec: number): string {
  return sec < 60 ? `${Math.max(0, Math.round(sec))} s` : wholeSpan(sec * 1_000);
}

/** "4 min ago", and from an hour on "14:30". */
function agoWords(at: string, nowMs: number): string {
  const age = ageOf(at, nowMs);
  if (age === 'now') return 'just now';
  return nowMs - Date.parse(at) < HOUR_MS ? `${age} ago` : age;
}

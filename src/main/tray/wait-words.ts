import type { Pulse } from '../../protocol/reach.ts';
import { sentence, type Desk } from './tray-state.ts';
import { short } from './menu-text.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Windows shows 127 characters of a tooltip. */
const MAX_TITLE_CHARS = 40;
const MAX_NAMED = 2;

/** The oldest of what waits for a person's word; null: nothing does, or an older host. */
function oldest({ attention }: Desk): { since: string; title: string } | null {
  const waiting = attention?.items.filter(({ kind }) => kind === 'decision' || kind === 'question');
  return waiting?.[0] ?? null;
}

/** "2 need you, longest for 12 min: Mend the login."; empty where it is not known since when. */
export function waitWords(desk: Desk, needYou: number, nowMs: number): string {
  const first = oldest(desk);
  if (first === null || needYou === 0) return '';
  const span = spanWords(nowMs - Date.parse(first.since));
  const title = sentence(short(first.title, MAX_TITLE_CHARS));
  if (needYou === 1) return `1 needs you${span === '' ? '' : ` for ${span}`}: ${title}`;
  return `${needYou} need you, longest${span === '' ? '' : ` for ${span}`}: ${title}`;
}

/** Whether `waitWords` reads otherwise in a minute. */
export function doesWait(desk: Desk): boolean {
  return oldest(desk) !== null;
}

/** "Mend the login does not answer." */
export function hangWords({ pulses, sessions }: Desk): string {
  const hanging = new Set(pulses.flatMap((p) => (p.pulse === 'hangs' ? [p.sessionId] : [])));
  const names = sessions
    .filter(({ id, archived }) => hanging.has(id) && !archived)
    .map(({ title, agent }) => short(title || agent, MAX_TITLE_CHARS));
  if (names.length === 0) return '';
  if (names.length === 1) return `${names[0]} does not answer.`;
  const more = names.length > MAX_NAMED ? ' …' : '';
  return `${names.length} agents do not answer: ${names.slice(0, MAX_NAMED).join(', ')}${more}.`;
}

/** What an agent that is at work by its session's state does instead, by its session. */
export function stands({ pulses }: Desk): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pulses.flatMap(({ sessionId, pulse }) => {
      const words = PULSE_WORDS[pulse];
      return words === undefined ? [] : [[sessionId, words]];
    }),
  );
}

const PULSE_WORDS: Readonly<Partial<Record<Pulse, string>>> = {
  hangs: 'does not answer',
  silent: 'silent',
  waitsForModel: 'waits for its model',
};

/** Whole minutes that are over: "12 min", "2 h 5 min", "3 days"; empty in the first. */
function spanWords(ms: number): string {
  // Also of a clock that was set: then nothing is said of it.
  if (!(ms >= MINUTE_MS)) return '';
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)} days`;
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  const hours = `${Math.floor(ms / HOUR_MS)} h`;
  return minutes === 0 ? hours : `${hours} ${minutes} min`;
}

/**
 * When a limit is over, from the agent's words; in ms since 1970, or null where they do not say.
 * The forms, and who says them:
 *
 *   Claude AI usage limit reached|1763740800             Claude Code, older: seconds since 1970
 *   … · resets 3pm (Europe/Berlin)                        Claude Code (2.1): within a day,
 *   … · resets Nov 27, 3:30pm (UTC)                       else with the day, and the year if another
 *   … or try again at 3:05 PM.                            Codex (0.166): within the day, its own zone,
 *   … Try again at Nov 27th, 2026 3:05 PM.                else with day and year
 *   … Please try again in 2 days 3 hours 5 minutes.       Codex, older
 *   … Please retry in 34.07s                              Gemini API
 *   Your quota will reset after 3h22m10s.                 Gemini Code Assist
 *   Suggested retry after 3600s.                          Gemini CLI (0.61)
 *   It will reset in 2 days 3 hours                       OpenCode Go (1.18)
 *   resets at 2026-11-27T15:00:00Z                        anybody
 */
export function resetTime(words: string, nowMs: number, zone = localZone()): number | null {
  const ms =
    epochIn(words) ?? isoIn(words) ?? durationIn(words, nowMs) ?? clockIn(words, nowMs, zone);
  return ms !== null && Math.abs(ms - nowMs) < MAX_AWAY_MS ? ms : null;
}

const DAY_MS = 24 * 3_600_000;
/** Further away, it is no such time. */
const MAX_AWAY_MS = 400 * DAY_MS;
/** A month lies behind us rather than eleven ahead, by this much at most. */
const PAST_MS = 2 * DAY_MS;

function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Seconds or milliseconds since 1970, between 2001 and 2286. */
function epochIn(words: string): number | null {
  const found = /(?:reached|limit|resets?(?:_?at)?"?)\s*[|:=]\s*(\d{10}|\d{13})(?!\d)/i.exec(
    words,
  )?.[1];
  if (found === undefined) return null;
  return found.length === 10 ? Number(found) * 1_000 : Number(found);
}

const CUE = String.raw`(?:resets?|reset (?:at|on)|resets (?:at|on)|try again (?:at|on|after)|retry (?:at|after)|available (?:again )?at|until)`;

function isoIn(words: string): number | null {
  const found = new RegExp(
    String.raw`${CUE}[^\dA-Za-z]{0,4}(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d))`,
    'i',
  ).exec(words)?.[1];
  const ms = found === undefined ? Number.NaN : Date.parse(found.replace(' ', 'T'));
  return Number.isNaN(ms) ? null : ms;
}

const UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(?:w|weeks?)$/i, 7 * DAY_MS],
  [/^(?:d|days?)$/i, DAY_MS],
  [/^(?:h|hrs?|hours?)$/i, 3_600_000],
  [/^(?:m|mins?|minutes?)$/i, 60_000],
  [/^(?:s|secs?|seconds?)$/i, 1_000],
  [/^(?:ms|milliseconds?)$/i, 1],
];
const AMOUNT = /^[\s,]*(?:and\s+)?(\d+(?:\.\d+)?)\s*([a-z]+)/i;

function durationIn(words: string, nowMs: number): number | null {
  const cue =
    /(?:try again|retry|resets?|reset|available again|wait)\s+(?:in|after|for)\s+(?:about\s+)?(?=\d)/i.exec(
      words,
    );
  if (cue === null) return null;
  let rest = words.slice(cue.index + cue[0].length);
  let totalMs = 0;
  let isAny = false;
  for (let found = AMOUNT.exec(rest); found !== null; found = AMOUNT.exec(rest)) {
    const unitMs = UNITS.find(([unit]) => unit.test(found?.[2] ?? ''))?.[1];
    if (unitMs === undefined) break;
    totalMs += Number(found[1]) * unitMs;
    isAny = true;
    rest = rest.slice(found[0].length);
  }
  return isAny ? Math.round(nowMs + totalMs) : null;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const CLOCK = new RegExp(
  [
    String.raw`${CUE}\s*(?:at\s+|on\s+)?`,
    String.raw`(?:([A-Z][a-z]{2})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?,?\s*(?:at\s+)?)?`,
    String.raw`(\d{1,2})(?::(\d\d))?\s*([ap])\.?m\b\.?`,
    String.raw`(?:\s*\(([A-Za-z][\w+/-]*)\)|\s+(UTC|GMT)\b)?`,
  ].join(''),
  'i',
);

/** A time of day, with or without its day, in the zone that is named or else in ours. */
function clockIn(words: string, nowMs: number, zone: string): number | null {
  const found = CLOCK.exec(words);
  if (found === null) return null;
  const [, monthName, day, year, hourText, minute, half, named, universal] = found;
  const hour12 = Number(hourText);
  if (hour12 < 1 || hour12 > 12 || Number(minute ?? 0) > 59) return null;
  const hour = (hour12 % 12) + (half?.toLowerCase() === 'p' ? 12 : 0);
  const inZone = named ?? universal ?? zone;
  const today = wallTime(nowMs, inZone) ?? wallTime(nowMs, zone);
  const usedZone = wallTime(nowMs, inZone) === null ? zone : inZone;
  if (today === null) return null;
  const at = (y: number, m: number, d: number) =>
    instantOf(Date.UTC(y, m, d, hour, Number(minute ?? 0)), usedZone);
  if (monthName === undefined || day === undefined) {
    const first = at(today.year, today.month, today.day);
    return first > nowMs ? first : at(today.year, today.month, today.day + 1);
  }
  const month = MONTHS.indexOf(monthName.toLowerCase());
  if (month < 0) return null;
  if (year !== undefined) return at(Number(year), month, Number(day));
  const first = at(today.year, month, Number(day));
  return first > nowMs - PAST_MS ? first : at(today.year + 1, month, Number(day));
}

interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** The clock's face as if it were UTC. */
  readonly faceMs: number;
}

/** What a clock in the zone shows at an instant; null for a zone that nobody knows. */
function wallTime(ms: number, zone: string): Wall | null {
  let parts;
  try {
    parts = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }).formatToParts(ms);
  } catch {
    return null;
  }
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const [year, month, day] = [of('year'), of('month') - 1, of('day')];
  return {
    year,
    month,
    day,
    faceMs: Date.UTC(year, month, day, of('hour'), of('minute'), of('second')),
  };
}

/** The instant at which a clock in the zone shows this face; of two, at a change of the clocks, the later. */
function instantOf(faceMs: number, zone: string): number {
  const offsetAt = (ms: number) =>
    (wallTime(ms, zone)?.faceMs ?? ms) - Math.floor(ms / 1_000) * 1_000;
  const candidates = [faceMs - DAY_MS, faceMs + DAY_MS].map((ms) => faceMs - offsetAt(ms));
  const exact = candidates.filter((ms) => wallTime(ms, zone)?.faceMs === faceMs);
  return Math.max(...(exact.length > 0 ? exact : candidates));
}

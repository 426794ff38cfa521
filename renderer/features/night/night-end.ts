export type NightUntil = 'none' | 'morning' | 'hours' | 'at';

const MORNING_HOUR = 8;
const HOURS = 8;
const HOUR_MS = 3_600_000;

/**
 * When the night ends: an instant, nothing where somebody ends it, or null for what is no time. `at` is
 * what a time field holds: `06:30`, the next time it is that late.
 */
export function nightEnd(
  until: NightUntil,
  at: string,
  nowMs: number,
): { readonly until?: string } | null {
  if (until === 'none') return {};
  if (until === 'hours') return { until: new Date(nowMs + HOURS * HOUR_MS).toISOString() };
  const [hour, minute] =
    until === 'morning' ? [MORNING_HOUR, 0] : at.split(':').map((part) => Number(part));
  if (!isWithin(hour, 24) || !isWithin(minute, 60)) return null;
  const end = new Date(nowMs);
  end.setHours(hour, minute, 0, 0);
  if (end.getTime() <= nowMs) end.setDate(end.getDate() + 1);
  return { until: end.toISOString() };
}

function isWithin(value: number | undefined, below: number): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value < below;
}

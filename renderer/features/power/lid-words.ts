import type { LidReport } from '../../../src/protocol/power.ts';
import { power as t } from '../../strings/power.ts';
import { roughSpanOf } from '../../ui/time.ts';

/** A lid that was opened longer ago than this is shown only where it is asked for. */
const NEWS_MS = 12 * 3_600_000;

/** Something worked behind it, and it was opened lately. */
export function isNews({ openedAt, sessions }: LidReport, nowMs: number): boolean {
  return openedAt !== null && sessions.length > 0 && nowMs - Date.parse(openedAt) < NEWS_MS;
}

export function closedSpan({ closedAt, openedAt }: LidReport): string {
  return openedAt === null ? '' : roughSpanOf(Date.parse(openedAt) - Date.parse(closedAt));
}

/** What ran, for how long, battery used, hottest moment, and why it slept if it did, in a line or two. */
export function lidWords(report: LidReport): string {
  const { sessions, battery, slept, hottest } = report;
  const worked = Math.max(0, ...sessions.map(({ workedMs }) => workedMs));
  const asleep = slept.reduce((sum, { from, to }) => sum + Date.parse(to) - Date.parse(from), 0);
  return [
    t.report.strip(closedSpan(report)),
    t.report.stripRan(sessions.length, roughSpanOf(worked)),
    battery === null ? '' : t.report.battery(battery.from, battery.to),
    hottest === null ? '' : t.report.stripHottest(hottest.celsius),
    slept.length === 0 ? '' : t.report.sleptTimes(slept.length, roughSpanOf(asleep)),
    slept.at(-1)?.why ?? '',
  ]
    .filter(Boolean)
    .map((words) => (/[.!?]$/u.test(words) ? words : `${words}.`))
    .join(' ');
}

import type { Night, NightReport } from '../../protocol/night.ts';
import type { Cli } from '../cli.ts';
import { wrongUsage } from '../failure.ts';
import { ask } from '../host/host-link.ts';
import { table } from '../output/table.ts';
import { count, duration, oneLine } from '../output/text.ts';
import { momentMs, spanMs } from '../times.ts';

export interface NightOptions {
  readonly until?: string;
  readonly for?: string;
}

/** On the page for people; `--json` has them all. */
const SHOWN_REFUSED = 20;
const SHOWN_RULES = 20;
/** A host that has just started reads the night's events again. */
const REPORT_LIMIT_MS = 120_000;

/** `porchlight night` */
export async function showNight(cli: Cli): Promise<void> {
  const { night } = await ask(cli, 'night.state', {});
  await cli.out.answer({ night }, () =>
    night === null
      ? 'It is no night. Begin one with: porchlight night start --until 07:00'
      : stands(night),
  );
}

/** `porchlight night start` */
export async function startNight(cli: Cli, options: NightOptions): Promise<void> {
  if (options.until !== undefined && options.for !== undefined)
    throw wrongUsage('Give --until or --for, not both.');
  const nowMs = cli.nowMs();
  const untilMs =
    options.until !== undefined
      ? momentMs(options.until, nowMs)
      : options.for !== undefined
        ? nowMs + spanMs(options.for)
        : null;
  const { night } = await ask(cli, 'night.start', {
    commandId: cli.newCommandId(),
    ...(untilMs !== null && { until: new Date(untilMs).toISOString() }),
  });
  await cli.out.answer({ night }, () => stands(night));
}

/** `porchlight night end` */
export async function endNight(cli: Cli): Promise<void> {
  await ask(cli, 'night.end', { commandId: cli.newCommandId() });
  await cli.out.answer(
    { night: null },
    () => 'The night is over. What happened: porchlight night report',
  );
}

/** `porchlight night report` */
export async function reportNight(cli: Cli): Promise<void> {
  const { report } = await ask(cli, 'night.report', {}, REPORT_LIMIT_MS);
  await cli.out.answer(report, () => (report === null ? 'There was no night yet.' : page(report)));
}

function stands({ since, until, by }: Night): string {
  const end = until === null ? 'until you end it' : `until ${local(until)}`;
  return `Night since ${local(since)}, ${end} (begun by ${oneLine(by)}). What rules do not decide waits.`;
}

function page(report: NightReport): string {
  const { since, ended, sessions, rules, refused, waiting } = report;
  const title = new Map(sessions.map((each) => [each.sessionId, each.title]));
  const parts = [
    `The night from ${local(since)} ${ended === null ? '(it goes on)' : `to ${local(ended)}`}`,
    section(
      `Waits for you: ${waiting.length === 0 ? 'nothing' : count(waiting.length, 'decision')}`,
      ['APPROVAL', 'SESSION', 'SINCE', 'WHAT'],
      waiting.map((each) => [
        each.id,
        title.get(each.sessionId) ?? each.sessionId,
        local(each.createdAt),
        each.title,
      ]),
    ),
    section(
      `Ran: ${count(sessions.length, 'session')}`,
      ['SESSION', 'STATE', 'TURNS', 'CUT SHORT', 'ALLOWED', 'REFUSED', 'WORKED', 'WAITED', 'TITLE'],
      sessions.map((each) => [
        each.sessionId,
        each.state,
        ...[each.completed, each.cutShort, each.allowed, each.refused].map(String),
        duration(each.workedMs / 1_000),
        duration(each.waitedMs / 1_000),
        each.title,
      ]),
    ),
    section(
      `Refused by rules: ${refused.length === 0 ? 'nothing' : count(refused.length, 'call')}`,
      ['AT', 'SESSION', 'WHAT', 'RULE'],
      refused
        .slice(0, SHOWN_REFUSED)
        .map((each) => [
          local(each.at),
          title.get(each.sessionId) ?? each.sessionId,
          each.title,
          each.rule.text,
        ]),
      refused.length - SHOWN_REFUSED,
    ),
    section(
      `Rules that decided: ${rules.length}`,
      ['TIMES', '', 'RULE'],
      rules
        .slice(0, SHOWN_RULES)
        .map((each) => [String(each.times), each.allowed ? 'allowed' : 'refused', each.rule.text]),
      rules.length - SHOWN_RULES,
    ),
  ];
  return parts.join('\n\n');
}

function section(
  heading: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  more = 0,
): string {
  if (rows.length === 0) return heading;
  const rest = more > 0 ? `\n… and ${more} more: porchlight night report --json` : '';
  return `${heading}\n${table(columns, rows)}${rest}`;
}

/** As a clock here shows it: `2026-11-22 07:00`. */
function local(at: string): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

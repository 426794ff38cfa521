import type { Battery, LidReport, PowerReason, PowerState } from '../../protocol/power.ts';
import { table } from './table.ts';
import { ago, count, duration, oneLine } from './text.ts';

const SOON_MS = 20 * 3_600_000;

/** What holds the machine awake, for people: the light first, then what is held, then the machine. */
export function powerText(power: PowerState, nowMs: number, columns?: number): string {
  return [
    light(power),
    ...power.reasons.map(reasonText),
    '',
    ...awake(power),
    ...power.heldBack.map(reasonText),
    ...holds(power, nowMs, columns),
    ...sleepWords(power),
    '',
    `${machine(power)} Policy: ${power.policy.keepAwake} (porchlight power policy).`,
  ].join('\n');
}

function light({ safeToCloseLid, lidClosed }: PowerState): string {
  if (safeToCloseLid)
    return lidClosed === true
      ? 'The lid is closed, and work goes on.'
      : 'The lid may be closed: work goes on.';
  return lidClosed === true
    ? 'The lid is closed, and the machine may sleep:'
    : 'Do not close the lid yet:';
}

function reasonText({ text, fix }: PowerReason): string {
  return `  ${oneLine(text)}${fix === undefined ? '' : `\n    fix: ${oneLine(fix)}`}`;
}

function awake({ idle, lid }: PowerState): string[] {
  return [
    ...effect('Idle sleep', idle.wanted, idle.effective, idle.reason, null),
    ...effect('Sleep by the lid', lid.wanted, lid.effective, lid.reason, lid.fix),
    ...(lid.setUp === 'needed'
      ? ['The lid needs something once on this machine: porchlight power setup']
      : []),
  ];
}

function effect(
  what: string,
  wanted: boolean,
  effective: boolean | null,
  reason: string | null,
  fix: string | null,
): string[] {
  // Why what nobody wants is not so would be noise.
  if (!wanted) return [`${what}: not held off`];
  const why = reason === null ? '' : oneLine(reason);
  // What bounds it, though it holds.
  if (effective === true) return [`${what}: held off${why === '' ? '' : ` (${why})`}`];
  const state =
    effective === false ? 'wanted, and NOT held off' : 'wanted, and not yet seen to be held off';
  return [
    `${what}: ${state}${why === '' ? '' : `: ${why}`}`,
    ...(fix === null ? [] : [`  fix: ${oneLine(fix)}`]),
  ];
}

function holds(power: PowerState, nowMs: number, columns: number | undefined): string[] {
  if (power.holds.length === 0) return [];
  const rows = power.holds.map(({ id, kind, reason, since, until, lid, by }) => [
    id,
    kind === 'user' && by !== undefined ? `by ${by}` : kind,
    ago(since, nowMs).replace(/ ago$/u, ''),
    until === null ? '' : endWords(until, nowMs),
    lid ? 'lid' : '',
    reason,
  ]);
  return ['', table(['HOLD', 'KIND', 'FOR', 'ENDS', 'LID', 'WHY'], rows, columns)];
}

/** The time of day, where that says which day. */
function endWords(until: string, nowMs: number): string {
  const isSoon = Date.parse(until) - nowMs < SOON_MS;
  return isSoon ? clock(until).slice(0, 5) : moment(until);
}

function sleepWords({ sleepWhenDone, sleepsAt }: PowerState): string[] {
  const callOff = 'porchlight power sleep-when-done off';
  if (sleepsAt !== null)
    return ['', `The machine is put to sleep at ${clock(sleepsAt)}. Not so: ${callOff}`];
  return sleepWhenDone
    ? ['', `The machine is put to sleep when the work is done. Not so: ${callOff}`]
    : [];
}

function machine({ battery, heat, lidClosed }: PowerState): string {
  const parts = [
    battery === null ? 'no battery known' : batteryText(battery),
    ...(heat?.celsius == null ? [] : [`${Math.round(heat.celsius)} °C`]),
    ...(heat?.level == null || heat.level === 'nominal' ? [] : [`heat ${heat.level}`]),
    lidClosed === null ? 'no lid known' : lidClosed ? 'lid closed' : 'lid open',
  ];
  const [first = '', ...rest] = parts;
  return `${[first.charAt(0).toUpperCase() + first.slice(1), ...rest].join(', ')}.`;
}

function batteryText({ percent, onMains }: Battery): string {
  return `battery ${Math.round(percent)}%, ${onMains ? 'on mains' : 'not on mains'}`;
}

/** What went on behind a closed lid, on one page. */
export function lidReportText(report: LidReport, nowMs: number): string {
  const { closedAt, openedAt, wasSafe, sessions, battery, hottest, slept } = report;
  const forSec =
    ((openedAt === null ? nowMs : Date.parse(openedAt)) - Date.parse(closedAt)) / 1_000;
  const ran = sessions.filter(({ workedMs }) => workedMs > 0);
  return [
    openedAt === null
      ? `The lid is closed since ${moment(closedAt)}, for ${duration(forSec)}.`
      : `The lid was closed from ${moment(closedAt)} to ${moment(openedAt)}, for ${duration(forSec)}.`,
    ...(wasSafe ? [] : ['The light was off when it closed.']),
    ran.length === 0
      ? 'Nothing ran.'
      : `Ran: ${count(ran.length, 'session')}\n${table(
          ['SESSION', 'WORKED', 'TITLE'],
          ran.map(({ sessionId, title, workedMs }) => [
            sessionId,
            duration(workedMs / 1_000),
            title,
          ]),
        )}`,
    ...(battery === null
      ? []
      : [`Battery: ${Math.round(battery.from)}% to ${Math.round(battery.to)}%`]),
    ...(hottest === null
      ? []
      : [`Hottest: ${Math.round(hottest.celsius)} °C at ${clock(hottest.at)}`]),
    slept.length === 0
      ? 'It did not sleep.'
      : `Slept:\n${table(
          ['FROM', 'TO', 'WHY'],
          slept.map(({ from, to, why }) => [moment(from), moment(to), why]),
        )}`,
  ].join('\n');
}

/** As a clock here shows it. */
function clock(at: string): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((n) => String(n).padStart(2, '0'))
    .join(':');
}

function moment(at: string): string {
  const date = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

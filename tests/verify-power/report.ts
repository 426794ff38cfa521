import { homedir, hostname, userInfo } from 'node:os';
import { mark, type Step } from './steps.ts';

export interface Report {
  readonly porchlight: string;
  /** The system, without the names of machine and user. */
  readonly system: Readonly<Record<string, string>>;
  readonly day: string;
  readonly holds: boolean;
  readonly steps: readonly Step[];
}

export interface Names {
  readonly home: string;
  readonly host: string;
  readonly user: string;
}

export const namesHere = (): Names => ({
  home: homedir(),
  host: hostname(),
  user: userInfo().username,
});

/** Takes out who and where somebody is: a report is made to be passed on. */
export function withoutNames(text: string, { home, host, user }: Names): string {
  let told = text;
  // The longest first: a home holds the name of its user.
  for (const [name, instead] of [
    [home, '~'],
    [host, '<host>'],
    [host.split('.')[0] ?? '', '<host>'],
    [user, '<user>'],
  ] as const)
    // A user called "a" is no secret, and is part of every word.
    if (name.length > 2 && name !== 'root') told = told.replaceAll(name, instead);
  return told;
}

export function asJson(report: Report, names: Names): string {
  return `${withoutNames(JSON.stringify(report, null, 2), names)}\n`;
}

export function asMarkdown(report: Report, names: Names): string {
  const cell = (text: string): string =>
    text.trim().replaceAll('|', '\\|').replaceAll('\n', '<br>') || '–';
  const lines = [
    '# Porchlight: what keeps this machine awake, checked on it',
    '',
    `Porchlight ${report.porchlight}, ${report.day}. ${report.holds ? 'All that was checked holds.' : '**Something does not hold.**'}`,
    '',
    ...Object.entries(report.system).map(([name, value]) => `- ${name}: ${value}`),
    '',
    '| step | expected | seen | |',
    '|---|---|---|---|',
    ...report.steps.map(
      ({ what, expected, seen, holds }) =>
        `| ${cell(what)} | ${cell(expected)} | ${cell(seen)} | ${mark(holds)} |`,
    ),
    '',
  ];
  return withoutNames(lines.join('\n'), names);
}

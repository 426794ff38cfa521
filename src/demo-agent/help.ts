import { FAULTS } from './command-line.ts';
import { SCRIPTS } from './scripts/catalogue.ts';

/** What --help prints. */
export function helpText(): string {
  const scripts = Object.entries(SCRIPTS).map(([name, script]) =>
    row(`SCRIPT:${name}${script.keys === '' ? '' : ` ${script.keys}`}`, script.does),
  );
  const faults = Object.entries(FAULTS).map(([name, does]) => row(`--fault ${name}`, does));
  return [
    'porchlight demo agent: a scripted coding agent that speaks ACP v1 on stdin and stdout.',
    'It uses no model and no account. Any prompt gets the short coding task; a prompt that',
    'contains a line below gets that script instead.',
    '',
    'Options',
    row('--speed N', 'N times as fast'),
    row('--state FOLDER', 'where conversations are kept'),
    row('--own-binary', 'a second process does the work; this one passes messages on'),
    row('--linger', 'goes on for half a minute when its client is gone'),
    row('--start-command CMD', 'runs it in the folder before it opens a session'),
    row('--version', 'prints the version'),
    ...faults,
    '',
    'Scripts, in a prompt (values with spaces in quotes)',
    ...scripts,
    '',
  ].join('\n');
}

function row(left: string, right: string): string {
  return left.length > 34 ? `  ${left}\n${' '.repeat(38)}${right}` : `  ${left.padEnd(36)}${right}`;
}

import { CliFailure } from '../failure.ts';
import type { ServicePlan } from './service.ts';

/** The keeper's own end takes up to 20 s; agents that save a session may need all of it. */
const STOP_LIMIT_SEC = 45;

/**
 * The user unit (systemd.service(5), systemd.exec(5), systemd.kill(5)). Only the keeper is told to
 * end (`mixed`), since it ends its agents in order; what is left after it is killed. It comes back
 * after a crash, never after an exit 0, which is "host stop", and no number of tries is the last.
 * An agent that the kernel ends for its memory must not take the others with it.
 */
export function systemdUnit(plan: ServicePlan): string {
  const environment = Object.entries(plan.env).map(
    ([name, value]) => `Environment=${quoteWord(`${name}=${value}`)}`,
  );
  return [
    '# Written by "porchlight service install"; "porchlight service remove" takes it away.',
    '[Unit]',
    'Description=Porchlight keeper',
    'StartLimitIntervalSec=0',
    '',
    '[Service]',
    'Type=simple',
    ...environment,
    `ExecStart=${execLine([plan.command, ...plan.args])}`,
    'KillMode=mixed',
    `TimeoutStopSec=${STOP_LIMIT_SEC}`,
    'Restart=on-failure',
    'RestartSec=2',
    'OOMPolicy=continue',
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');
}

/**
 * A command line as systemd reads it; `$` begins a variable in arguments, and is doubled there. The
 * program's own path may hold neither quotes nor backslashes, however they are written, and `$` is
 * not replaced back in it: a shell then gets it as an argument and puts it in its own place.
 */
export function execLine(words: readonly string[]): string {
  const [command = '', ...args] = words;
  const dollars = (word: string): string => quoteWord(word.replaceAll('$', '$$$$'));
  if (!/['"\\$]/u.test(command)) return [quoteWord(command), ...args.map(dollars)].join(' ');
  return ['/bin/sh -c', ...['exec "$0" "$@"', ...words].map(dollars)].join(' ');
}

/** One word in double quotes; `%` begins a specifier everywhere in a unit. */
export function quoteWord(word: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what cannot be written
  if (/[\u0000-\u001f\u007f]/u.test(word))
    throw new CliFailure(
      `A service cannot start ${JSON.stringify(word)}: move Porchlight to a path without control characters.`,
    );
  return `"${word.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}

import type { Option } from './option.ts';
import { flagOf, SECTIONS } from './table.ts';

const FLAG_COLUMNS = 28;

export function usage(): string {
  const sections = Object.entries(SECTIONS).map(([title, options]) =>
    [
      ...(title === '' ? [] : [`${title}:`]),
      ...Object.entries(options).map(([name, option]) => lines(name, option)),
    ].join('\n'),
  );
  return `porchlight relay [OPTION]...

Carries sealed messages between hosts and their devices; it can read none of them.

  --config FILE              ${'  '}settings as JSON, see below
${sections.join('\n\n')}

Each may also stand in the environment, --max-connections as PORCHLIGHT_RELAY_MAX_CONNECTIONS (several
with commas between), or in the file of --config (PORCHLIGHT_RELAY_CONFIG) as {"maxConnections": 500,
"listen": ["127.0.0.1:7410"]}. Flags come before the environment, the environment before the file;
--no-trust-proxy takes back what they say. Secrets are never given but as files.

Prints {"listening":[URL...]} once it is ready, and "status"; logs to stderr. GET /healthz, /readyz,
/metrics.
`;
}

function lines(name: string, { kind, help }: Option<unknown>): string {
  const flag = `--${flagOf(name)}${kind.sample === '' ? '' : ` ${kind.sample}`}`;
  const indent = ' '.repeat(FLAG_COLUMNS + 3);
  const [first = '', ...more] = help.split('\n');
  const head =
    flag.length > FLAG_COLUMNS
      ? [`  ${flag}`, `${indent}${first}`]
      : [`  ${flag.padEnd(FLAG_COLUMNS)} ${first}`];
  return [...head, ...more.map((line) => `${indent}${line}`)].join('\n');
}

import type { ShellWord } from './command-line.ts';

/**
 * Variables that may stand before a command, with the values that are known to do no harm. All
 * others may change what runs or what is loaded, so that the list names what passes, not what does
 * not: nobody knows each variable of each program.
 */
const NO_PAGER = /^(?:cat|)$/;

const HARMLESS: ReadonlyMap<string, RegExp> = new Map([
  ...[
    'CI',
    'FORCE_COLOR',
    'NO_COLOR',
    'CLICOLOR',
    'CLICOLOR_FORCE',
    'COLUMNS',
    'LINES',
    'VERBOSE',
    'PYTHONUNBUFFERED',
    'PYTHONDONTWRITEBYTECODE',
    'NODE_NO_WARNINGS',
    'GIT_TERMINAL_PROMPT',
    'GIT_OPTIONAL_LOCKS',
    'RUST_BACKTRACE',
    'CARGO_INCREMENTAL',
    'NPM_CONFIG_COLOR',
    'NPM_CONFIG_FUND',
    'NPM_CONFIG_AUDIT',
    'NPM_CONFIG_PROGRESS',
    'NEXT_TELEMETRY_DISABLED',
    'DO_NOT_TRACK',
    'TURBO_TELEMETRY_DISABLED',
    'CGO_ENABLED',
  ].map((name): [string, RegExp] => [name, /^(?:\d{0,5}|true|false|yes|no|on|off|full)$/i]),
  ...[
    'NODE_ENV',
    'RAILS_ENV',
    'APP_ENV',
    'LOG_LEVEL',
    'LANG',
    'LANGUAGE',
    'TERM',
    'LC_ALL',
    'LC_CTYPE',
    'LC_COLLATE',
    'LC_MESSAGES',
    'GOOS',
    'GOARCH',
    'CARGO_TERM_COLOR',
  ].map((name): [string, RegExp] => [name, /^(?!\.)(?!.*\.\.)[\w.@-]*$/]),
  ['DEBUG', /^[\w.,:*@-]*$/],
  ['RUST_LOG', /^[\w.,:=-]*$/],
  ['TZ', /^[A-Za-z_]+(?:[/+-][A-Za-z0-9_]+)*$/],
  ['PORT', /^\d{1,5}$/],
  ['PAGER', NO_PAGER],
  ['GIT_PAGER', NO_PAGER],
  ['MANPAGER', NO_PAGER],
  ['GH_PAGER', NO_PAGER],
  ['GIT_EDITOR', /^(?:true|:)$/],
]);

/** Names that people and agents give their own variables, and that no shell or program knows. */
const OWN_NAME =
  /^(?:[a-hj-z]|i|file|files|dir|dirs|name|names|line|item|items|pkg|test|branch|commit|ref|count|result|out|output|url|msg|id|pid|idx|base|root|target|src|dest|ext|hash|sha|ver|version|total|found|f[12]|[xyz][12])$/;
/** Of these, what a shell ties to something of its own. */
const TIED = new Set([
  'path',
  'fpath',
  'cdpath',
  'manpath',
  'status',
  'argv',
  'prompt',
  'options',
  'commands',
  'aliases',
  'functions',
  'history',
  'words',
  'watch',
  'mailpath',
  'module_path',
  'psvar',
  'signals',
  'pipestatus',
  'terminfo',
  'termcap',
  'parameters',
]);

/**
 * Whether giving a variable this value changes nothing about what runs. null: any value. `exported`:
 * programs see it too, and make takes each variable that it sees for one of its own.
 */
export function isHarmlessName(name: string, value: ShellWord | null, exported: boolean): boolean {
  if (!exported && OWN_NAME.test(name) && !TIED.has(name)) return true;
  const values = HARMLESS.get(name);
  if (values === undefined || value === null || value.text === null) return false;
  return values.test(value.text);
}

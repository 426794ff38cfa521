import { list, type Tool } from '../tool.ts';

/** What passes with a program that we know nothing about. */
export const GENERIC: Tool = {
  flags: list(`-v -vv -q -h -V --verbose --quiet --silent --help --version --color --no-color
    --colors --json --dry-run --no-progress`),
  operands: ({ begins, source }) =>
    /^[@+]|^[A-Za-z_]\w*=/.test(begins) ? `${source} may be more than a name` : null,
};

/** A program whose arguments are commands, code, or the way to them. */
export const RUNS_ARGUMENTS: Tool = { runsArguments: true, proposes: 'never' };

/** What passes with a script or a runner of tests of the project. */
export const SCRIPT: Tool = {
  ...GENERIC,
  flags: list(`-v -vv -q -h -V --verbose --quiet --silent --help --version --color --no-color
    --colors --json --dry-run --no-progress --run --watch --watchAll --coverage --ci --once --bail
    --runInBand --passWithNoTests --forceExit --detectOpenHandles --prod --production --noEmit
    --no-watch --no-coverage --no-cache --exit --expand --globals --no-file-parallelism`),
  values: list(
    '-t --testNamePattern --test-name-pattern --testPathPattern --testPathPatterns --grep',
  ),
  checked: new Map([
    ['--reporter', /^[a-z][a-z-]*$/],
    ['--maxWorkers', /^\d+%?$/],
    ['--testTimeout', /^\d+$/],
    ['--retry', /^\d+$/],
    ['--shard', /^\d+\/\d+$/],
  ]),
};

const HANDED_ON = /[$`\\\n]/;
const NAMES_TESTS = /^[^$`\\\n]*$/;

/** The same through npm and its kin, some of which hand words on through a shell without quotes. */
export const RUN_SCRIPT_ARGUMENTS: Tool = {
  ...SCRIPT,
  values: list(''),
  checked: new Map([
    ...(SCRIPT.checked ?? []),
    ...[...(SCRIPT.values ?? [])].map((name): [string, RegExp] => [name, NAMES_TESTS]),
  ]),
  operands(word, nth) {
    if (word.text === null || HANDED_ON.test(word.text)) {
      return `${word.source} may be read again by a shell`;
    }
    return GENERIC.operands?.(word, nth) ?? null;
  },
};

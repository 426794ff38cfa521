import type { ShellWord } from '../command-line.ts';
import { list, type Judge, type Tool } from '../tool.ts';
import { GENERIC, RUN_SCRIPT_ARGUMENTS, RUNS_ARGUMENTS, SCRIPT } from './generic.ts';

const tool = (flags: string, values = '', more: Partial<Tool> = {}): Tool => ({
  flags: list(flags),
  values: list(values),
  ...more,
});
const subs = (entries: Record<string, Tool>): ReadonlyMap<string, Tool> =>
  new Map(
    Object.entries(entries).flatMap(([names, it]) => [...list(names)].map((name) => [name, it])),
  );

const NPM_OPTIONS =
  '-s --silent --if-present --no-fund --no-audit --loglevel --color --no-color -h --help --version -v';
const SCRIPT_OF_PACKAGE: Tool = {
  flags: list(`${NPM_OPTIONS}`),
  values: list('-w --workspace'),
  operands: RUN_SCRIPT_ARGUMENTS.operands,
  passesOn: RUN_SCRIPT_ARGUMENTS,
};
const LISTS = tool(
  '--depth --json --long -l --all -a --parseable -p --prod --production --dev -g --global',
);
const INSTALLS = tool(
  '-D -E -O --save-dev --save-exact --save --no-fund --no-audit --no-save --ignore-scripts --prefer-offline --frozen-lockfile --silent -s',
  '',
  {
    operands: ({ text, source }) =>
      text !== null && /^(?:@[\w.-]+\/)?[\w.-]+(?:@[\w.^~-]+)?$/.test(text) && !/^\.+$/.test(text)
        ? null
        : `${source} may be more than the name of a package`,
  },
);

/** Words before the script are npm's, those after `--` the script's; no rule for `npm` covers `npm exec`. */
const NPM: Tool = {
  flags: list(NPM_OPTIONS),
  droppable: list('-s --silent'),
  place: '--prefix',
  subs: subs({
    'test t tst start stop restart': SCRIPT_OF_PACKAGE,
    'run run-script': {
      flags: list(NPM_OPTIONS),
      values: list('-w --workspace'),
      script: SCRIPT_OF_PACKAGE,
    },
    'ls list outdated view info root prefix why explain ping whoami pkg-list': LISTS,
    'audit fund doctor': tool('--json --omit --production', '', {
      operands: ({ source }) => `${source} may change packages`,
    }),
    'install i add ci install-test it': INSTALLS,
    'exec x': { runsArguments: true },
  }),
  otherwise: RUN_SCRIPT_ARGUMENTS,
};

/** pnpm and yarn also take the name of a script, or of a program, for a subcommand. */
const PNPM: Tool = {
  ...NPM,
  place: '-C',
  subs: subs({
    'test t start': {
      ...SCRIPT_OF_PACKAGE,
      ...RUN_SCRIPT_ARGUMENTS,
      passesOn: RUN_SCRIPT_ARGUMENTS,
    },
    'run run-script': {
      flags: list('-s --silent --if-present'),
      script: { ...RUN_SCRIPT_ARGUMENTS, passesOn: RUN_SCRIPT_ARGUMENTS },
    },
    'ls list outdated view info why root licenses': LISTS,
    'install i add': INSTALLS,
    'exec dlx': { runsArguments: true },
  }),
};

const inside = (flags: string, values = '', more: Partial<Tool> = {}): Tool =>
  tool(flags, values, { inside: true, ...more });

const PYTEST = inside(
  '-v -vv -q -x -s -l -rA -ra --lf --ff --sw --last-failed --failed-first --exitfirst --no-header --no-summary --collect-only --co --verbose --quiet --showlocals --stepwise --disable-warnings --version --help -h',
  '-k -m --maxfail --durations --deselect',
  {
    checked: new Map([
      ['--tb', /^(?:auto|long|short|line|native|no)$/],
      ['-n', /^(?:\d+|auto)$/],
      ['-W', /^[a-z]+$/],
      ['--color', /^\w+$/],
    ]),
  },
);
const VITEST_ARGUMENTS: Tool = {
  ...SCRIPT,
  checked: new Map([
    ...(SCRIPT.checked ?? []),
    ['--project', /^[\w./-]+$/],
    ['--environment', /^(?:node|jsdom|happy-dom)$/],
  ]),
};
const VITEST: Tool = {
  ...VITEST_ARGUMENTS,
  subs: subs({ 'run list related watch dev': VITEST_ARGUMENTS }),
  otherwise: VITEST_ARGUMENTS,
};
const ESLINT = inside(
  '--quiet --no-warn-ignored --no-error-on-unmatched-pattern --color --no-color --version --help --no-inline-config --report-unused-disable-directives --stats --debug',
  '--max-warnings --ext',
  {
    checked: new Map([
      ['-f', /^(?:stylish|json|html)$/],
      ['--format', /^(?:stylish|json|html)$/],
    ]),
  },
);
const PRETTIER = inside(
  '--check -c -l --list-different --no-color --color --version --ignore-unknown -u --no-error-on-unmatched-pattern',
  '',
  {
    checked: new Map([
      ['--log-level', /^\w+$/],
      ['--parser', /^[a-z0-9-]+$/],
    ]),
  },
);
const TSC_NO_EMIT =
  '--noEmit --pretty --strict --skipLibCheck --listFiles --showConfig --version -v --help -h --extendedDiagnostics --diagnostics --watch -w --preserveWatchOutput --noUnusedLocals --noUnusedParameters --allowJs --checkJs --esModuleInterop';
const noResponseFile = ({ begins, text, source }: ShellWord): string | null =>
  begins.startsWith('@') || /^(?:true|false)$/.test(text ?? '')
    ? `${source} stands for options`
    : null;

/** `tsc`: which project it takes does no harm as long as it writes nothing. */
const TSC: Tool = {
  flags: list(TSC_NO_EMIT),
  checked: new Map(['-p', '--project'].map((name) => [name, /^(?!\/|~|.*\.\.)[\w./-]+$/])),
  operands: noResponseFile,
};

const TEST_BINARY = tool(
  '--nocapture --exact --ignored --include-ignored --list --show-output --quiet -q',
  '--skip',
  { checked: new Map([['--test-threads', /^\d+$/]]) },
);
const CARGO_OPTIONS =
  '--release -r --all --workspace --lib --bins --tests --examples --benches --all-targets --all-features --no-default-features --locked --offline --frozen -v -vv -q --verbose --quiet --no-run --no-fail-fast --doc --keep-going --no-deps --dry-run --color --message-format';
const CARGO_VALUES =
  '-p --package --bin --test --example --bench --features -F -j --jobs --exclude --profile';
const CARGO_SUB = tool(CARGO_OPTIONS, CARGO_VALUES, { passesOn: TEST_BINARY });
const CARGO: Tool = {
  flags: list('--version -V -q -v --quiet --verbose --locked --offline --list --help -h'),
  subs: subs({
    'build b check c test t bench doc d tree metadata clean': CARGO_SUB,
    clippy: tool(CARGO_OPTIONS, CARGO_VALUES, {
      passesOn: { checked: new Map(['-D', '-W', '-A', '-F'].map((name) => [name, /^[\w:-]+$/])) },
    }),
    fmt: tool('--check --all -v -q', '-p --package', { passesOn: tool('--check') }),
    'run r': tool(CARGO_OPTIONS, CARGO_VALUES, { passesOn: SCRIPT }),
  }),
};

const GO_FLAGS = '-v -race -short -cover -failfast -json -n -a -trimpath';
const GO_VALUES = '-count -run -bench -timeout -parallel -skip -tags -benchtime -p -cpu -shuffle';
const GO_SUB = tool(GO_FLAGS, GO_VALUES, {
  longWithOneDash: true,
  inside: true,
  operands: ({ text, source }) =>
    text?.includes('@') === true ? `${source} may be fetched` : null,
});
const GO: Tool = {
  subs: subs({
    'build test vet run': GO_SUB,
    'list version doc': { ...tool('-m -json -deps -u -all -short -src'), longWithOneDash: true },
    fmt: { ...tool('-n -x'), longWithOneDash: true, inside: true },
    env: tool('-json', '', {
      longWithOneDash: true,
      operands: ({ text }) =>
        text !== null && /^[A-Z_]+$/.test(text) ? null : 'it may change the settings',
    }),
  }),
};

const MAKE: Tool = {
  flags: list('-n -k -s -B -i --dry-run --silent --keep-going --no-print-directory --always-make'),
  checked: new Map([
    ['-j', /^\d*$/],
    ['--jobs', /^\d+$/],
  ]),
  operands: ({ text, source }) =>
    text !== null && /^[\w./-]+$/.test(text) ? null : `${source} may be more than a target`,
};

const NODE_FLAGS =
  '--test --check -c --version -v --help -h --no-warnings --trace-warnings --enable-source-maps';
/** An interpreter: the first operand is code of the project, `-e` and `-r` are not. */
const interpreter = (flags: string): Tool => ({
  flags: list(flags),
  script: SCRIPT,
  readsCode: true,
  inside: true,
  operands: ({ source }) => (/^-$/.test(source) ? 'it runs what it reads' : null),
});

const PYTHON_MODULES = new Map<string, Tool>([
  ['pytest', PYTEST],
  ['mypy', tool('--strict --version')],
  ['unittest', inside('-v -q -f -b')],
]);
const PYTHON_SCRIPT = interpreter('-V --version -u -B -h');
function judgePython(words: readonly ShellWord[], from: number, to: Judge): void {
  const module = words[from]?.text === '-m' ? (words[from + 1]?.text ?? '') : null;
  const found = module === null ? PYTHON_SCRIPT : PYTHON_MODULES.get(module);
  if (module !== null) to.object(from, '-m runs a module');
  to.judgeAs(found ?? GENERIC, words, module === null ? from : from + 2);
}

const GH_VIEW = tool(
  '--comments -c --web-not --json --jq -q --draft --closed --required',
  '-L --limit -s --state --json --jq -q -R --repo -a --author -A --assignee -l --label -B --base -H --head -S --search -b --branch -w --workflow -t',
);
const GH: Tool = {
  flags: list('--version --help'),
  subs: subs({
    'pr issue release': { subs: subs({ 'view list diff checks status': GH_VIEW }) },
    run: {
      subs: subs({
        'view list': tool(
          '--log --log-failed -v --verbose --exit-status',
          '-L --limit --json --jq -q -R --repo -w --workflow -b --branch -s --status -j --job',
        ),
      }),
    },
    'repo workflow label': { subs: subs({ 'view list': GH_VIEW }) },
    auth: { subs: subs({ status: tool('') }) },
  }),
};
const SHOWS = tool(
  '-a -q -f -n -t --all --quiet --no-trunc --follow --timestamps --size -s',
  '-n --tail --since --until --format --filter',
);
const DOCKER: Tool = {
  flags: list('--version -v'),
  subs: subs({
    'ps images logs inspect version info stats top port diff history': SHOWS,
    compose: { subs: subs({ 'ps logs images ls version config': SHOWS }) },
    'exec run': RUNS_ARGUMENTS,
  }),
};

/** Programs that build, test and run a project. */
export const PROJECT_TOOLS: readonly [string, Tool][] = [
  ['npm', NPM],
  ['pnpm', PNPM],
  ['yarn', { ...PNPM, place: '--cwd' }],
  [
    'npx',
    {
      flags: list('--no --no-install --version'),
      subs: subs({ tsc: TSC, vitest: VITEST, eslint: ESLINT, prettier: PRETTIER, jest: SCRIPT }),
      script: RUN_SCRIPT_ARGUMENTS,
    },
  ],
  ['tsc', TSC],
  ['vitest', VITEST],
  ['jest', { ...SCRIPT, inside: true }],
  ['mocha', { ...SCRIPT, inside: true }],
  ['eslint', ESLINT],
  ['prettier', PRETTIER],
  ['pytest', PYTEST],
  [
    'ruff',
    {
      subs: subs({
        check: tool('-q -v --quiet --no-cache --show-files --statistics', '--select --ignore'),
        format: tool('--check --diff -q'),
      }),
    },
  ],
  ['mypy', tool('--strict --ignore-missing-imports --no-error-summary --pretty --version')],
  ['cargo', CARGO],
  ['go', GO],
  ['make', MAKE],
  ['node', interpreter(NODE_FLAGS)],
  ['python', { judge: judgePython }],
  ['python3', { judge: judgePython }],
  ...['bash', 'sh', 'zsh', 'dash', 'ruby', 'perl', 'php', 'lua'].map((name): [string, Tool] => [
    name,
    interpreter('--version --help'),
  ]),
  [
    'pip',
    {
      subs: subs({
        'list show freeze check': tool('--format -v -q --outdated'),
        install: tool('-q -U --upgrade', '', { operands: INSTALLS.operands }),
      }),
    },
  ],
  ['gh', GH],
  ['docker', DOCKER],
  [
    'kubectl',
    {
      subs: subs({
        'get describe logs version': tool(
          '-A -f -w --all-namespaces --previous',
          '-n --namespace -o --output -l --selector --tail -c --container',
        ),
      }),
    },
  ],
];

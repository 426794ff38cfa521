import type { ShellWord } from '../command-line.ts';
import { list, type Tool } from '../tool.ts';

const SHOWS = `-p -u -s -w -b -a -R -z --patch --no-patch --stat --numstat --shortstat --dirstat --summary
  --name-only --name-status --raw --minimal --patience --histogram --color --no-color --color-words
  --word-diff --color-moved --no-ext-diff --no-textconv --ignore-all-space --ignore-space-change
  --ignore-space-at-eol --ignore-blank-lines --function-context -W --exit-code --quiet -q --check
  --full-index --binary --abbrev --find-renames -M --find-copies -C --no-renames --text --relative
  --cached --staged --merge-base --no-prefix --src-prefix --dst-prefix --no-index-not --compact-summary
  --indent-heuristic --no-indent-heuristic --ita-invisible-in-index --submodule`;
const SHOWS_VALUE =
  '-U --unified --diff-filter --diff-algorithm --inter-hunk-context -S -G --ignore-submodules';
const LISTS = `--oneline --graph --all --decorate --no-decorate --merges --no-merges --first-parent --reverse
  --follow --abbrev-commit --no-abbrev-commit --branches --tags --remotes --left-right --cherry-pick
  --cherry-mark --topo-order --date-order --author-date-order --full-history --simplify-by-decoration
  --parents --children --boundary --no-walk -i --regexp-ignore-case -E -F --extended-regexp
  --fixed-strings --invert-grep --all-match -g --walk-reflogs --count --not --no-mailmap --cc -c -m
  --no-notes --relative-date --no-expand-tabs --source --date --pretty --format -t -r --root`;
const LISTS_VALUE = `-n --max-count --skip --since --until --after --before --author --committer --grep -L
  --date --format --pretty --encoding --min-parents --max-parents`;

const tool = (flags: string, values = '', more: Partial<Tool> = {}): Tool => ({
  flags: list(flags),
  values: list(values),
  ...more,
});

/** A remote that is a URL or a path may name a program (`ext::`, a repository with its own settings). */
function namedRemote({ text, source }: ShellWord, nth: number): string | null {
  const known =
    text !== null &&
    (nth === 0
      ? /^(?:origin|upstream|fork)$/.test(text)
      : /^[A-Za-z0-9_][\w./:-]*$/.test(text) && !text.includes('::'));
  return known ? null : `${source} may be more than the name of a remote or a branch`;
}

const asks =
  (why: string): ((word: ShellWord) => string) =>
  ({ source }) =>
    `${source} ${why}`;
const only = (names: string, why: string): Tool => ({
  subs: new Map(
    [...list(names)].map((name): [string, Tool] => [name, tool('-v --verbose --porcelain -z', '')]),
  ),
  flags: list('-v --verbose'),
  operands: asks(why),
});

const SUBCOMMANDS: readonly [string, Tool][] = [
  [
    'status',
    tool(
      '-s -b -v -vv -u -z --short --branch --porcelain --long --verbose --show-stash --ahead-behind --no-ahead-behind --untracked-files --ignored --renames --no-renames --column',
      '--ignore-submodules',
    ),
  ],
  ['diff', tool(SHOWS, SHOWS_VALUE, { numbers: true })],
  ['show', tool(`${SHOWS} ${LISTS}`, `${SHOWS_VALUE} ${LISTS_VALUE}`, { numbers: true })],
  ['log', tool(`${SHOWS} ${LISTS}`, `${SHOWS_VALUE} ${LISTS_VALUE}`, { numbers: true })],
  [
    'shortlog',
    tool('-s -n -e -sn --summary --numbered --email --all --no-merges', '--since --until --group', {
      numbers: true,
    }),
  ],
  [
    'reflog',
    tool(`--all ${LISTS}`, LISTS_VALUE, {
      numbers: true,
      operands: ({ text }, nth) =>
        nth === 0 && /^(?:expire|delete|drop|write)$/.test(text ?? 'expire')
          ? 'it changes the log of references'
          : null,
    }),
  ],
  [
    'blame',
    tool(
      '-w -M -C -e -l -s -f -n -t -p --porcelain --line-porcelain --show-email --root',
      '-L --since --date --abbrev',
    ),
  ],
  [
    'grep',
    tool(
      `-n -i -l -L -c -w -v -h -H -E -F -P -G -o -q -z -a -I -W --cached --untracked --line-number --count --name-only --files-with-matches --ignore-case --word-regexp --recursive --no-index-not --heading --break --color --no-color --all-match --and --or --not --fixed-strings --perl-regexp`,
      '-A -B -C -e -f -m --max-depth --max-count --threads --context',
    ),
  ],
  [
    'ls-files',
    tool(
      '-c -d -m -o -i -s -u -k -z -t -v --cached --deleted --modified --others --ignored --stage --unmerged --exclude-standard --full-name --error-unmatch --directory --eol --deduplicate',
      '-x --exclude',
    ),
  ],
  [
    'ls-tree',
    tool('-r -t -d -l -z --name-only --name-status --long --full-name --full-tree --abbrev'),
  ],
  [
    'rev-parse',
    tool(
      '--short --abbrev-ref --show-toplevel --show-prefix --show-cdup --is-inside-work-tree --is-bare-repository --git-dir --git-common-dir --absolute-git-dir --verify --symbolic-full-name --quiet -q --all --branches --tags --sq --short --revs-only --no-revs --is-inside-git-dir --show-superproject-working-tree --show-current --path-format',
    ),
  ],
  ['rev-list', tool(`--count --all --objects ${LISTS}`, LISTS_VALUE, { numbers: true })],
  ['merge-base', tool('--all -a --is-ancestor --fork-point --octopus --independent')],
  [
    'describe',
    tool(
      '--tags --all --always --dirty --long --contains --exact-match --first-parent --abbrev',
      '--match --exclude --candidates',
    ),
  ],
  [
    'show-ref',
    tool(
      '--heads --tags --head --branches -d -s -q --verify --hash --dereference --quiet --abbrev',
    ),
  ],
  [
    'for-each-ref',
    tool('--count --ignore-case', '--sort --format --points-at --merged --no-merged --contains'),
  ],
  ['name-rev', tool('--name-only --tags --all --always')],
  ['cat-file', tool('-t -s -p -e --batch-check')],
  ['diff-tree', tool(`--no-commit-id --root -c --cc ${SHOWS} -r -t`, SHOWS_VALUE)],
  ['diff-index', tool(SHOWS, SHOWS_VALUE)],
  ['diff-files', tool(SHOWS, SHOWS_VALUE)],
  ['count-objects', tool('-v -H --verbose --human-readable')],
  ['check-ignore', tool('-v -q -n --verbose --no-index --quiet --non-matching')],
  ['cherry', tool('-v --abbrev')],
  ['version', tool('--build-options')],
  [
    'branch',
    tool(
      '-a -r -v -vv -l -q --all --remotes --list --show-current --verbose --no-color --color --abbrev --column --no-track --ignore-case',
      '--contains --no-contains --merged --no-merged --points-at --sort --format',
    ),
  ],
  [
    'tag',
    tool(
      '-l -n --list --column --ignore-case --color',
      '--contains --no-contains --merged --no-merged --points-at --sort --format',
      { numbers: true, operands: (word, nth) => (nth === 0 ? null : asks('may make a tag')(word)) },
    ),
  ],
  [
    'remote',
    {
      ...only('show get-url', 'may change the remotes'),
      subs: new Map([
        ['show', tool('-n')],
        ['get-url', tool('--all --push')],
      ]),
    },
  ],
  [
    'config',
    {
      flags: list(
        '--global --local --system --show-origin --show-scope --name-only -z --null --list -l',
      ),
      values: list('--get --get-all --get-regexp'),
      subs: new Map([
        ['list', tool('--global --local --system --show-origin --show-scope --name-only')],
        ['get', tool('--global --local --system --all --show-origin --regexp')],
      ]),
      operands: asks('may change the settings'),
    },
  ],
  [
    'stash',
    {
      subs: new Map([
        ['list', tool(LISTS, LISTS_VALUE)],
        ['show', tool(SHOWS, SHOWS_VALUE)],
        [
          'push',
          tool('-u -q -k --include-untracked --quiet --keep-index --staged', '-m --message'),
        ],
        ['pop', tool('-q --index')],
        ['apply', tool('-q --index')],
      ]),
      flags: list('-u -q -k --include-untracked --quiet'),
    },
  ],
  ['worktree', { subs: new Map([['list', tool('-v --porcelain -z')]]), flags: list('') }],
  [
    'submodule',
    {
      subs: new Map([
        ['status', tool('--cached --recursive')],
        ['summary', tool('')],
      ]),
      flags: list('--quiet'),
    },
  ],
  [
    'add',
    tool(
      '-A -u -v -n -N -f --all --update --verbose --dry-run --intent-to-add --force --ignore-removal --no-ignore-removal --renormalize',
    ),
  ],
  [
    'commit',
    tool(
      '-a -q -v -s --all --quiet --verbose --signoff --allow-empty --dry-run --no-status --short --porcelain --no-edit --only -o --include -i',
      '-m --message --author --date --trailer',
      { sureValues: list('-m --message') },
    ),
  ],
  ['switch', tool('-q -c --quiet --create --detach -d --guess --no-guess --track -t')],
  ['checkout', tool('-q -b --quiet --detach --track -t --no-track --guess')],
  ['restore', tool('-q -S -W --staged --worktree --quiet', '-s --source')],
  [
    'fetch',
    tool(
      '-q -v -p -t --quiet --verbose --prune --tags --all --no-tags --dry-run',
      '--depth --deepen',
      { operands: namedRemote },
    ),
  ],
  [
    'pull',
    tool(
      '-q -v --quiet --verbose --ff-only --rebase --no-rebase --no-edit --autostash --prune --tags',
      '',
      { operands: namedRemote },
    ),
  ],
  [
    'push',
    tool(
      '-q -v -u -n --quiet --verbose --set-upstream --dry-run --porcelain --progress --follow-tags --tags',
      '',
      { operands: namedRemote },
    ),
  ],
  [
    'merge',
    tool(
      '-q --quiet --ff --ff-only --no-ff --no-edit --stat --no-stat --abort --continue --squash --no-commit',
      '-m',
    ),
  ],
  ['cherry-pick', tool('-x -n --no-commit --abort --continue --skip --allow-empty', '-m')],
  ['revert', tool('-n --no-commit --no-edit --abort --continue --skip', '-m')],
  [
    'rebase',
    tool('-q --quiet --abort --continue --skip --autostash --no-autostash --keep-empty', '--onto'),
  ],
  ['mv', { ...tool('-v -n -k --verbose --dry-run'), changes: 'all' }],
  ['rm', { ...tool('-r -q -n --cached --quiet --dry-run'), changes: 'all' }],
];

/** git: subcommands and options that only show, and those that change what the person named. */
export const GIT: Tool = {
  flags: list('--no-pager -P --no-optional-locks --literal-pathspecs --version -v --help -h'),
  droppable: list('--no-pager -P --no-optional-locks --literal-pathspecs'),
  place: '-C',
  subs: new Map(SUBCOMMANDS),
  otherwise: {
    flags: list('-q -v --quiet --verbose -h --help'),
    operands: ({ source }) => `${source} is given to a command of git that is not known`,
  },
};

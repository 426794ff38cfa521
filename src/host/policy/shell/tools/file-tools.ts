import { list, type Tool } from '../tool.ts';
import { judgeAwk, judgeCd, judgePrintf, judgeSed, judgeTest } from './small-languages.ts';
import { judgeFind } from './find.ts';

const HARMLESS: Tool = { harmless: true, placeFree: true };
const reads = (names: string, tool: Tool): [string, Tool][] =>
  [...list(names)].map((name) => [name, tool]);

/** The second operand would be written. */
const oneOperand = (_: unknown, nth: number): string | null =>
  nth === 0 ? null : 'a second file would be written';

/**
 * Tools that look at files and text. Harmless ones have no option that runs, writes or goes anywhere
 * in GNU, BSD and BusyBox; of the others the options that do no harm are listed.
 */
export const FILE_TOOLS: readonly [string, Tool][] = [
  ...reads(
    `ls cat echo pwd wc head tail true false : cut tr nl tac rev fold fmt paste join
     comm expand unexpand basename dirname realpath readlink stat du df cksum md5sum sha1sum sha256sum
     sha512sum shasum cmp id whoami groups uname arch nproc uptime printenv which whereis seq sleep
     tty od hexdump strings numfmt ps pgrep type sum tsort free jq`,
    HARMLESS,
  ),
  [
    'uniq',
    {
      flags: list('-c -d -u -i -z --count --repeated --unique --ignore-case'),
      values: list('-f -s -w'),
      operands: oneOperand,
      placeFree: true,
    },
  ],
  [
    'sort',
    {
      flags:
        list(`-n -r -u -h -V -f -b -d -g -i -M -R -s -z -c -C -m --numeric-sort --reverse --unique
        --human-numeric-sort --version-sort --ignore-case --stable --zero-terminated --check`),
      values: list('-k -t --key --field-separator'),
      placeFree: true,
    },
  ],
  [
    'diff',
    {
      flags:
        list(`-u -r -N -q -w -b -B -i -a -s -y -c -e -d -p -U --unified --recursive --brief --color
        --side-by-side --ignore-all-space --suppress-common-lines --no-dereference --new-file`),
      values: list('-U -x --exclude -I --label -W'),
      placeFree: true,
    },
  ],
  [
    'tree',
    {
      flags: list(
        '-a -d -f -i -s -h -D -F -C -n -p -u -g -r -t --dirsfirst --noreport --gitignore --du --prune -J',
      ),
      values: list('-L -I -P --filelimit'),
      placeFree: true,
    },
  ],
  [
    'date',
    {
      flags: list('-u --utc -R --rfc-email -I --iso-8601 --rfc-3339'),
      values: list('-d --date -r'),
      operands: ({ text }) => (text?.startsWith('+') === true ? null : 'it may set the clock'),
      placeFree: true,
    },
  ],
  [
    'hostname',
    { flags: list('-f -s -i -I -d'), operands: () => 'it may set the name', placeFree: true },
  ],
  [
    'file',
    {
      flags: list('-b -i -L -h -k -s --brief --mime --mime-type --mime-encoding'),
      placeFree: true,
    },
  ],
  ['column', { flags: list('-t -x -e -n'), values: list('-s -c -o -N'), placeFree: true }],
  [
    'xxd',
    {
      flags: list('-p -b -u -i -e -a'),
      values: list('-l -s -c -g'),
      operands: oneOperand,
      placeFree: true,
    },
  ],
  [
    'rg',
    {
      flags: list(`-n -i -l -c -v -w -s -S -F -U -o -N -H -I -p -q -L -x -a -u -uu -uuu -0 -P -h
        --line-number --ignore-case --files --files-with-matches --files-without-match --count
        --count-matches --invert-match --word-regexp --case-sensitive --smart-case --fixed-strings
        --multiline --multiline-dotall --only-matching --no-line-number --with-filename --no-filename
        --hidden --no-ignore --no-ignore-vcs --no-heading --heading --color --json --stats --vimgrep
        --pcre2 --trim --follow --text --null --sort --sortr --column --pretty --quiet --type-list
        --no-messages --no-config --version --help --line-regexp --max-columns-preview --passthru`),
      values:
        list(`-A -B -C -e -f -g -t -T -m -M -j -d -r --after-context --before-context --context --regexp
        --file --glob --iglob --type --type-not --max-count --max-columns --threads --max-depth
        --replace --max-filesize --encoding -E --context-separator`),
      placeFree: true,
    },
  ],
  [
    'fd',
    {
      flags:
        list(`-H -I -u -s -i -g -F -a -l -L -p -0 -1 -q --hidden --no-ignore --unrestricted --glob
        --case-sensitive --ignore-case --fixed-strings --absolute-path --list-details --follow
        --full-path --print0 --color --version --help --one-file-system --prune`),
      values: list(
        '-e -t -d -E -S --extension --type --max-depth --min-depth --exact-depth --exclude --size --changed-within --changed-before --max-results',
      ),
      placeFree: true,
    },
  ],
  // BSD writes with `-o`.
  ...reads('base64 base32', {
    flags: list('-d -D --decode -w0'),
    checked: new Map([['-w', /^\d+$/]]),
    operands: oneOperand,
    placeFree: true,
  }),
  // ugrep stands in for grep here and there, and has options that run commands.
  ...reads('grep egrep fgrep', {
    flags: list(`-n -i -l -L -c -v -w -x -s -r -R -E -F -P -G -o -q -h -H -a -I -z -Z -b -y -U -T -V
      --line-number --ignore-case --files-with-matches --files-without-match --count --invert-match
      --word-regexp --line-regexp --recursive --dereference-recursive --extended-regexp --fixed-strings
      --perl-regexp --basic-regexp --only-matching --quiet --silent --no-messages --no-filename
      --with-filename --text --color --colour --null --null-data --no-ignore-case --version --help
      --line-buffered --initial-tab`),
    values:
      list(`-A -B -C -e -f -m -d -D --include --exclude --exclude-dir --regexp --file --max-count
      --after-context --before-context --context --binary-files --label --directories --devices`),
    sureValues: list('-e --regexp'),
    numbers: true,
    fileNames: true,
    placeFree: true,
  }),
  ['find', { judge: judgeFind, placeFree: true }],
  ['sed', { judge: judgeSed, placeFree: true }],
  ...reads('awk gawk mawk nawk', { judge: judgeAwk, placeFree: true }),
  ['printf', { judge: judgePrintf, placeFree: true }],
  ...reads('test [', { judge: judgeTest, placeFree: true }),
  ['cd', { judge: judgeCd, proposes: 'exactly' }],
  ['command', { flags: list('-v -V'), placeFree: true }],
  ['env', { operands: () => 'it runs a command', proposes: 'never' }],
  // What these write is their purpose: the paths are judged as such, their other ways are not known.
  ['mkdir', { flags: list('-p -v --parents --verbose'), changes: 'all' }],
  ['touch', { flags: list('-a -m -c --no-create'), changes: 'all' }],
  ['rmdir', { flags: list('-p -v --ignore-fail-on-non-empty'), changes: 'all', proposes: 'never' }],
  [
    'rm',
    {
      flags: list('-r -R -f -v -i -d --recursive --force --verbose'),
      changes: 'all',
      proposes: 'never',
    },
  ],
  [
    'cp',
    {
      flags: list(
        '-r -R -a -p -f -v -n -i -u -L -P -H -x --recursive --archive --verbose --no-clobber --force',
      ),
      changes: 'last',
    },
  ],
  [
    'mv',
    {
      flags: list('-f -v -n -i -u --verbose --no-clobber --force'),
      changes: 'all',
      proposes: 'never',
    },
  ],
  ['ln', { flags: list('-s -f -n -v --symbolic --force'), changes: 'last', proposes: 'never' }],
  ...reads('chmod chown chgrp', {
    flags: list('-R -v -c -f -h'),
    changes: 'all',
    proposes: 'never',
  }),
  [
    'tee',
    {
      flags: list('-a -i'),
      changes: 'all',
      proposes: 'exactly',
      operands: ({ text, source }) => (text === '/dev/null' ? null : `${source} would be written`),
    },
  ],
  ...reads(
    'kill pkill killall dd mkfs shred truncate mount umount reboot shutdown halt crontab at install patch rsync scp sftp',
    {
      operands: ({ source }) => `${source} may do harm`,
      flags: list('--version --help'),
      proposes: 'never',
    },
  ),
  [
    'curl',
    {
      flags:
        list(`-s -S -f -L -I -i -v -k -g -4 -6 -G -N --silent --show-error --fail --location --head --include
        --verbose --insecure --globoff --compressed --no-buffer --fail-with-body`),
      checked: new Map([
        ['-X', /^(?:GET|HEAD)$/],
        ['--request', /^(?:GET|HEAD)$/],
        ['-m', /^[\d.]+$/],
        ['--max-time', /^[\d.]+$/],
        ['--connect-timeout', /^[\d.]+$/],
        ['-H', /^(?!@)/],
        ['--header', /^(?!@)/],
        ['--retry', /^\d+$/],
        ['-o', /^\/dev\/null$/],
        ['--output', /^\/dev\/null$/],
      ]),
      values: list('-A --user-agent'),
      proposes: 'exactly',
    },
  ],
  [
    'wget',
    {
      flags: list('-q --spider --version'),
      operands: () => 'it writes what it fetches',
      proposes: 'exactly',
    },
  ],
];

import type { Mark } from './marks.ts';

/** Options of git itself whose value is the next word. */
const WITH_VALUE = new Set(['-C', '-c', '--git-dir', '--work-tree', '--namespace', '--exec-path']);
const REACHES = new Set([
  'push',
  'pull',
  'fetch',
  'clone',
  'ls-remote',
  'remote-update',
  'send-email',
]);

/** What a call of git may lose or send; `words` without `git` itself, null where a word is not known. */
export function gitRisks(words: readonly (string | null)[], about: string): Mark[] {
  const at = subcommandAt(words);
  const sub = words[at] ?? '';
  const rest = words.slice(at + 1).map((word) => word ?? '');
  const marks: Mark[] = [];
  if (REACHES.has(sub)) marks.push({ kind: 'network', level: 'elevated', about });
  const losing = losesHistory(sub, rest);
  if (losing !== null) marks.push({ kind: 'gitHistory', level: losing, about });
  if (sub === 'rm' || (['checkout', 'restore'].includes(sub) && discards(sub, rest)))
    marks.push({ kind: 'deletes', level: 'elevated', about });
  return marks;
}

function subcommandAt(words: readonly (string | null)[]): number {
  let at = 0;
  while (at < words.length && (words[at] ?? '').startsWith('-'))
    at += WITH_VALUE.has(words[at] ?? '') ? 2 : 1;
  return at;
}

function losesHistory(sub: string, rest: readonly string[]): Mark['level'] | null {
  const has = (...options: string[]): boolean => rest.some((word) => hasOption(word, options));
  switch (sub) {
    case 'push':
      return has(
        '--force',
        '-f',
        '--force-with-lease',
        '--force-if-includes',
        '--mirror',
        '--delete',
        '-d',
        '--prune',
      ) || rest.some((word) => /^[+:]/u.test(word))
        ? 'high'
        : null;
    case 'reset':
      return has('--hard', '--merge', '--keep') ? 'high' : null;
    case 'rebase':
    case 'filter-branch':
    case 'filter-repo':
    case 'replace':
      return 'high';
    case 'reflog':
      return rest.some((word) => ['expire', 'delete', 'drop'].includes(word)) ? 'high' : null;
    case 'branch':
      return has('-D', '-M', '-C', '-d', '--delete', '--force', '-f') ? 'high' : null;
    case 'clean':
      return has('-f', '--force') ? 'high' : null;
    case 'tag':
      return has('-d', '--delete', '-f', '--force') ? 'high' : null;
    case 'stash':
      return rest.some((word) => ['drop', 'clear'].includes(word)) ? 'high' : null;
    case 'update-ref':
    case 'symbolic-ref':
      return 'high';
    case 'gc':
    case 'prune':
    case 'repack':
      return sub === 'prune' || has('--prune') ? 'high' : null;
    case 'worktree':
      return rest[0] === 'remove' || rest[0] === 'prune' ? 'high' : null;
    case 'commit':
      return has('--amend') ? 'elevated' : null;
    case 'checkout':
    case 'switch':
      return has('-f', '--force', '-B', '-C', '--discard-changes') ? 'high' : null;
    default:
      return null;
  }
}

/** `-f` is in `-xdf`; `--forc` is `--force`, and so is `--force=…`. */
function hasOption(word: string, options: readonly string[]): boolean {
  return options.some((option) => {
    if (!option.startsWith('--')) return /^-[^-]/u.test(word) && word.includes(option.charAt(1));
    const name = word.split('=')[0] ?? '';
    return name.length > 4 && (option === name || option.startsWith(name));
  });
}

/** Changes that are not committed are gone. */
function discards(sub: string, rest: readonly string[]): boolean {
  if (sub === 'checkout') return rest.includes('--') || rest.includes('.');
  return !rest.includes('--staged') && !rest.includes('-S');
}

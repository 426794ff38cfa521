import type { LandWay } from '../../src/protocol/session/workspace.ts';
import { count } from './count.ts';

/** `porchlight/fix-slugs` is the session's own: what comes before the slash is always the same. */
export const shortBranch = (branch: string): string => branch.replace(/^porchlight\//, '');

/** The words of a worktree: what changed in it, handing it back, letting it go. */
export const work = {
  title: 'Changes',
  branchLine: (branch: string, base: string | null) =>
    base === null ? shortBranch(branch) : `${shortBranch(branch)} → ${base}`,
  branchWords: (branch: string, base: string | null) =>
    base === null ? `Works on ${branch}` : `Works on ${branch}, made from ${base}`,
  copyPath: 'Copy the path of the worktree',
  copied: 'Copied',
  dismiss: 'Dismiss this',
  noBase: 'no branch',
  summary: (files: number, commits: number) =>
    commits === 0
      ? count(files, 'file', 'files')
      : `${count(files, 'file', 'files')} · ${count(commits, 'commit', 'commits')}`,
  uncommitted: 'some of it not committed',
  nothing: 'Nothing has changed yet.',
  onBase: (base: string) => `All of it is on ${base}.`,
  more: (n: number) => `and ${count(n, 'more file', 'more files')}`,
  files: 'Changed files',
  refresh: 'Look again',
  loading: 'Looking at the worktree…',
  failed: 'The changes could not be read.',
  review: 'Show the diff',
  reviewTitle: 'Changes',
  find: 'Find a file',
  binary: 'Binary file: there is no text to show.',
  noText: 'No line has changed: only its name or its permissions.',
  cut: 'This diff is too large to show here. The file is in the worktree.',
  statuses: {
    added: 'new',
    modified: 'changed',
    deleted: 'deleted',
    renamed: 'renamed',
    typeChanged: 'type changed',
  },
  renamedFrom: (from: string) => `was ${from}`,
  planned: 'The worktree is not there yet.',
  gone: 'The worktree was removed.',
  goneNext: 'Its worktree was removed: start a new session to go on.',

  land: 'Land…',
  landTitle: (base: string) => `Land on ${base}`,
  landBody: (branch: string, base: string) =>
    `Brings the work of ${shortBranch(branch)} to ${base}. The session and its worktree stay.`,
  landUncommitted: 'What is not committed is committed first.',
  way: 'How',
  ways: { merge: 'Merge', squash: 'Squash', 'cherry-pick': 'Cherry-pick' } satisfies Record<
    LandWay,
    string
  >,
  wayHints: {
    merge: 'All commits, and one that joins them',
    squash: 'One commit with all of it',
    'cherry-pick': 'The commits one by one, none that joins them',
  } satisfies Record<LandWay, string>,
  message: 'Message of the commit',
  messageHint: 'The title of the session',
  landDo: 'Land',
  landBusy: (base: string) => `Landing on ${base}…`,
  busyLeave: 'This may take a while. You can close this; it goes on.',
  whileWorking: 'To land or remove it, wait until the turn ends, or stop the turn.',
  landed: (base: string, commits: number, commit: string | null) =>
    `Landed: ${base} has ${count(commits, 'new commit', 'new commits')}${
      commit === null ? '' : ` and stands at ${commit.slice(0, 8)}`
    }.`,
  landNothing: (base: string) => `There was nothing to land: ${base} has all of it already.`,
  conflict: (base: string, n: number) =>
    `Not landed: ${base} and this session changed the same lines in ${count(n, 'file', 'files')}.`,
  conflictSafe: (base: string) => `Both sides are as they were: ${base} and the worktree.`,
  conflictNext: (base: string) => `Ask the agent to bring in ${base} first, then land again:`,
  conflictPrompt: (base: string, files: readonly string[]) =>
    `Merge ${base} into this branch and resolve the conflicts in ${list(files)}.`,
  conflictSend: 'Ask the agent',
  conflictFiles: 'Files in conflict',
  landFailed: 'It did not land.',

  discard: 'Discard…',
  discardTitle: 'Remove the worktree?',
  discardLost: (commits: number, files: number, uncommitted: boolean, base: string | null) =>
    `Not on ${base ?? 'any other branch'}: ${[
      commits > 0 ? count(commits, 'commit', 'commits') : '',
      uncommitted ? `uncommitted changes (${count(files, 'file', 'files')} changed in all)` : '',
    ]
      .filter(Boolean)
      .join(' and ')}.`,
  discardKept: 'A copy is kept in the repository, and this says where.',
  discardSafe: 'No work would be lost.',
  discardUnknown: 'What it holds could not be read, so it is only removed if no work is lost.',
  discardBody: 'The folder goes away, and the agent with it. The conversation stays.',
  discardKeep: 'Keep it',
  discardDo: 'Remove the worktree',
  discardBusy: 'Removing the worktree…',
  discarded: 'The worktree was removed.',
  discardedKept: (ref: string) => `Its work is kept as ${ref}.`,
  discardBack: (ref: string) => `git branch rescued ${ref}`,
  discardBackHint: 'To have it back as a branch, in the repository:',
  discardFailed: 'It was not removed.',
  discardAnyway: 'Remove it and keep a copy',
} as const;

const MAX_LISTED = 20;

function list(files: readonly string[]): string {
  const shown = files.slice(0, MAX_LISTED).join(', ');
  const more = files.length - MAX_LISTED;
  return more > 0 ? `${shown} and ${count(more, 'more file', 'more files')}` : shown;
}

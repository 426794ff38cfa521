/** Where a new session works. */
export const workplace = {
  label: 'Where it works',
  worktree: 'Own worktree (recommended)',
  worktreeHint: (branch: string | null) =>
    `A folder and branch of its own, from ${branch ?? 'what is checked out'}. Yours stay as they are.`,
  folder: 'This folder',
  folderHint: (branch: string | null) =>
    branch === null ? 'Works on what is checked out.' : `Works on ${branch} itself.`,
  noGit: 'Not a git repository: it works in the folder itself.',
  taken: (titles: readonly string[]) =>
    titles.length === 1
      ? `“${titles[0] ?? ''}” works here. Each may overwrite the other’s files.`
      : `${titles.map((title) => `“${title}”`).join(', ')} work here. Each may overwrite the others’ files.`,
  share: 'Share the folder',
  needShare: 'Another session works in this folder: share it, or choose another one.',
  badge: 'Shared folder',
  badgeWith: (titles: readonly string[]) =>
    titles.length === 0
      ? 'Another session may work in this folder too.'
      : `${titles.map((title) => `“${title}”`).join(', ')} ${titles.length === 1 ? 'works' : 'work'} in this folder too.`,
  looking: 'Looking at the folder…',
  steps: {
    worktree: 'Making the worktree…',
    agent: 'Starting the agent…',
  },
  leave: 'Leave it starting',
} as const;

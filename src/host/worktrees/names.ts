import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { SessionState } from '../../protocol/session/state.ts';

const MAX_SLUG_CHARS = 40;
export const BRANCH_FOLDER = 'porchlight';
/** Names that Windows keeps for devices, whatever follows them. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/;

/** A title as part of a branch's and a folder's name: lower-case letters and digits of any script. */
export function slugOf(title: string): string {
  const words = title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-');
  const slug = trimmed(Array.from(trimmed(words)).slice(0, MAX_SLUG_CHARS).join(''));
  if (slug === '') return 'session';
  return RESERVED.test(slug) ? `${slug}-session` : slug;
}

function trimmed(text: string): string {
  return text.replace(/^-+|-+$/g, '');
}

/** The folder for all worktrees of one repository: two repositories of one name do not meet. */
export function worktreesFolder(worktrees: string, commonDir: string, root: string): string {
  const hash = createHash('sha256').update(commonDir).digest('hex').slice(0, 8);
  return join(worktrees, `${slugOf(basename(root).replace(/\.git$/i, ''))}-${hash}`);
}

export interface WorktreeName {
  readonly branch: string;
  readonly path: string;
}

export interface NamesTaken {
  /** Full names of all branches below `porchlight`, and of `porchlight` itself. */
  readonly branches: readonly string[];
  /** What lies in the repository's folder of worktrees. */
  readonly folders: readonly string[];
  readonly sessions: Iterable<Pick<SessionState, 'worktree' | 'worktreeState'>>;
}

/** The first free name: `porchlight/<slug>`, else with `-2`, `-3` … */
export function freeName(folder: string, slug: string, taken: NamesTaken): WorktreeName {
  // A branch "porchlight" leaves no room for branches below it.
  const hasOwn = taken.branches.some((name) => name.toLowerCase() === BRANCH_FOLDER);
  const prefix = hasOwn ? `${BRANCH_FOLDER}-` : `${BRANCH_FOLDER}/`;
  // File systems may take two spellings for one name, and so do branches kept as files.
  const branches = taken.branches.map((name) => name.toLowerCase());
  const folders = new Set(taken.folders.map((name) => name.toLowerCase()));
  for (const { worktree, worktreeState } of taken.sessions)
    if (worktree !== null && worktreeState !== 'discarded' && join(worktree, '..') === folder)
      folders.add(basename(worktree).toLowerCase());
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? slug : `${slug}-${n}`;
    const branch = `${prefix}${name}`;
    const wanted = branch.toLowerCase();
    const isTaken =
      folders.has(name.toLowerCase()) ||
      branches.some((each) => each === wanted || each.startsWith(`${wanted}/`));
    if (!isTaken) return { branch, path: join(folder, name) };
  }
}

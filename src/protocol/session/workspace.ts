import { z } from 'zod';

/** Where a session's own worktree comes from, and what its work goes back to. */
export const worktreeOriginSchema = z.object({
  /** The person's checkout that it was made from; absolute. */
  root: z.string(),
  /** The session's own branch, `porchlight/<slug>`. */
  branch: z.string(),
  /** The branch that was checked out at `root` and that work lands on; null for a detached HEAD. */
  base: z.string().nullable(),
  /** The commit it begins at, hex. */
  baseCommit: z.string(),
});
export type WorktreeOrigin = z.infer<typeof worktreeOriginSchema>;

/** One file that differs between the worktree (uncommitted work included) and where it began. */
export const changedFileSchema = z.object({
  /** Relative to the worktree, `/` between the parts. */
  path: z.string(),
  /** Its name before, where it was renamed. */
  from: z.string().optional(),
  status: z.enum(['added', 'modified', 'deleted', 'renamed', 'typeChanged']),
  /** Lines; 0 for a binary file. */
  insertions: z.number().int(),
  deletions: z.number().int(),
  binary: z.boolean().default(false),
});
export type ChangedFile = z.infer<typeof changedFileSchema>;

/** `porchlight changes --json`. */
export const changesSchema = z.object({
  /** Sorted by path, at most MAX_CHANGED_FILES of them. */
  files: z.array(changedFileSchema),
  /** How many files changed in all. */
  total: z.number().int(),
  insertions: z.number().int(),
  deletions: z.number().int(),
  branch: z.string(),
  base: z.string().nullable(),
  /** Commits on the branch that the base does not have. */
  commits: z.number().int(),
  /** Some of it is not committed. */
  uncommitted: z.boolean(),
  /** All of it is on the base already. */
  landed: z.boolean(),
  /** Unified diff, only when asked for; cut at MAX_PATCH_BYTES. */
  patch: z.string().optional(),
});
export type Changes = z.infer<typeof changesSchema>;

export const LAND_WAYS = ['merge', 'squash', 'cherry-pick'] as const;
export const landWaySchema = z.enum(LAND_WAYS);
/** `merge`: a merge commit. `squash`: one commit. `cherry-pick`: the branch's commits one by one. */
export type LandWay = z.infer<typeof landWaySchema>;

/** What became of handing work back; on a conflict neither side has changed. */
export const landResultSchema = z.object({
  outcome: z.enum(['landed', 'nothing', 'conflict']),
  base: z.string(),
  /** The base's commit afterwards, hex. */
  commit: z.string().nullable(),
  /** How many commits of the session it brought. */
  commits: z.number().int(),
  /** Files that both sides changed, when it is a conflict. */
  conflicts: z.array(z.string()),
});
export type LandResult = z.infer<typeof landResultSchema>;

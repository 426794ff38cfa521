import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LAND_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { LandWay } from '../../protocol/session/workspace.ts';
import type { Standing } from './changes.ts';
import { GitFailed, type Git } from './git.ts';
import { removeCheckout } from './remove.ts';

/** Below `<home>/worktrees`: where bases and sessions' work are joined. */
export const LANDING = '.landing';
const SLOW = { limitMs: LAND_TIMEOUT_MS };

export interface JoinRequest {
  readonly root: string;
  readonly worktrees: string;
  readonly standing: Standing;
  readonly way: LandWay;
  readonly message: string;
}

export type Joined =
  | { readonly outcome: 'joined'; readonly commit: string }
  | { readonly outcome: 'conflict'; readonly files: string[] };

/**
 * Joins base and head in a checkout that nobody else sees, and removes it again. `commit` is the
 * base itself where nothing came of it. Moves no branch.
 */
export async function joinInto(git: Git, request: JoinRequest): Promise<Joined> {
  const { root, worktrees, standing } = request;
  const folder = join(worktrees, LANDING, randomUUID());
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  try {
    const add = ['worktree', 'add', '--quiet', '--detach', '--', folder, standing.base];
    await git.text(root, add, SLOW);
    const files = await apply(git, folder, request);
    if (files !== null) return { outcome: 'conflict', files };
    return { outcome: 'joined', commit: await git.line(folder, ['rev-parse', 'HEAD']) };
  } finally {
    await removeCheckout(git, root, folder);
  }
}

/** Files in conflict, or null when all went well. */
async function apply(
  git: Git,
  folder: string,
  { standing: { base, head }, way, message }: JoinRequest,
): Promise<string[] | null> {
  switch (way) {
    case 'merge': {
      const merge = ['merge', '--quiet', '--no-ff', '-m', message, head];
      return await step(git, folder, merge);
    }
    case 'squash': {
      const conflict = await step(git, folder, ['merge', '--quiet', '--squash', head]);
      if (conflict !== null || !(await isStaged(git, folder))) return conflict;
      return await step(git, folder, ['commit', '--quiet', '-F', '-'], message);
    }
    case 'cherry-pick': {
      const range = [`${base}...${head}`, '--right-only', '--cherry-pick', '--no-merges'];
      const list = await git.text(folder, ['rev-list', '--reverse', ...range]);
      for (const commit of list.split('\n').filter((each) => each !== '')) {
        const conflict = await pick(git, folder, commit);
        if (conflict !== null) return conflict;
      }
      return null;
    }
  }
}

async function pick(git: Git, folder: string, commit: string): Promise<string[] | null> {
  const args = ['cherry-pick', '--allow-empty', '--keep-redundant-commits', commit];
  const before = await git.line(folder, ['rev-parse', 'HEAD^{tree}']);
  const conflict = await step(git, folder, args);
  if (conflict !== null) return conflict;
  // The base has it already, in other words.
  if ((await git.line(folder, ['rev-parse', 'HEAD^{tree}'])) === before)
    await git.text(folder, ['reset', '--quiet', '--hard', 'HEAD^'], SLOW);
  return null;
}

async function step(
  git: Git,
  folder: string,
  args: readonly string[],
  input?: string,
): Promise<string[] | null> {
  const { code, stderr, stdout } = await git.run(folder, args, {
    ...SLOW,
    ...(input !== undefined && { input }),
  });
  if (code === 0) return null;
  const files = await git.names(folder, ['diff', '--name-only', '--diff-filter=U', '-z']);
  if (files.length > 0) return files;
  throw new GitFailed(args, stderr.trim() === '' ? stdout : stderr);
}

async function isStaged(git: Git, folder: string): Promise<boolean> {
  return (await git.run(folder, ['diff', '--cached', '--quiet'], SLOW)).code !== 0;
}

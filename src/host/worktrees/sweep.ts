import { existsSync, readdirSync } from 'node:fs';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../base/log.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import { commonDirOf } from './repository.ts';
import type { Git } from './git.ts';
import { lstatOf } from './include.ts';
import { LANDING } from './join.ts';
import { embeddedRepositories } from './keep.ts';
import { lossInWords, lossOf } from './loss.ts';
import { MAKING } from './make.ts';
import { removeCheckout } from './remove.ts';

/** Longer than any of our own takes. */
const OLD_MS = 3_600_000;
const MAX_TOLD = 5;

export interface SweepNeeds {
  readonly git: Git;
  readonly logger: Logger;
  /** `<home>/worktrees` */
  readonly worktrees: string;
  sessions(): Iterable<Pick<SessionState, 'worktree' | 'worktreeState'>>;
  now(): Date;
}

/** Half-made checkouts of hosts that are no more. To be asked before this one makes any. */
export function leftovers(worktrees: string): ReadonlySet<string> {
  const found = [MAKING, LANDING].flatMap((kind) => {
    const folder = join(worktrees, kind);
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  });
  return new Set(found);
}

/**
 * Removes what an end in the middle left under `<home>/worktrees`: half-made checkouts, and
 * worktrees of no session that hold nothing of their own. Any other is left alone; what is returned
 * tells of those, or is null.
 */
export async function sweep(needs: SweepNeeds, dead: ReadonlySet<string>): Promise<string | null> {
  const { worktrees, sessions, logger } = needs;
  for (const kind of [MAKING, LANDING]) await sweepTemporary(needs, join(worktrees, kind), dead);
  const left: string[] = [];
  for (const repository of await foldersIn(worktrees)) {
    if (repository.startsWith('.')) continue;
    const folder = join(worktrees, repository);
    for (const name of await foldersIn(folder)) {
      const path = join(folder, name);
      const isNamed = [...sessions()].some(
        (each) => each.worktree === path && each.worktreeState !== 'discarded',
      );
      if (isNamed) continue;
      const why = await sweepStray(needs.git, path).catch(
        (error: unknown) => `cannot be looked into: ${String(error)}`,
      );
      if (why === null) logger.info({ path }, 'removed a worktree of no session');
      else left.push(`${path} (${why})`);
    }
  }
  if (left.length === 0) return null;
  const more = left.length > MAX_TOLD ? ` and ${left.length - MAX_TOLD} more` : '';
  return `Worktrees that no session has, left alone because they hold work: ${left.slice(0, MAX_TOLD).join(', ')}${more}. Save what you need and remove them with "git worktree remove".`;
}

async function sweepTemporary(
  { git, now, logger }: SweepNeeds,
  folder: string,
  dead: ReadonlySet<string>,
): Promise<void> {
  for (const name of await foldersIn(folder)) {
    const path = join(folder, name);
    const ageMs = now().getTime() - ((await stat(path).catch(() => null))?.mtimeMs ?? 0);
    if (!dead.has(path) && ageMs < OLD_MS) continue;
    try {
      await removeCheckout(git, rootOf(await commonDirOf(git, path)), path);
    } catch {
      await rm(path, { recursive: true, force: true }).catch((error: unknown) =>
        logger.warn({ path, err: error }, 'a half-made checkout cannot be removed'),
      );
    }
  }
}

/** Null when it is gone, else why it stays. */
async function sweepStray(git: Git, path: string): Promise<string | null> {
  if ((await lstatOf(join(path, '.git'))) === null) {
    const isEmpty = (await readdir(path)).length === 0;
    if (isEmpty) await rmdir(path);
    return isEmpty ? null : 'no git checkout, and not empty';
  }
  const common = await commonDirOf(git, path);
  const root = rootOf(common);
  if ((await embeddedRepositories(git, path)).length > 0) return 'another repository inside';
  const branch = await git.maybe(path, ['symbolic-ref', '--short', '-q', 'HEAD']);
  const own = branch !== null && branch.startsWith('porchlight') ? branch : null;
  const loss = await lossOf(git, { root, worktree: path, branch: own });
  if (!loss.isNothing) return lossInWords(loss);
  await removeCheckout(git, root, path);
  if (own !== null) await git.run(root, ['branch', '-q', '-D', '--', own]);
  return null;
}

/** The first checkout; the repository itself where that is bare or a submodule's. */
function rootOf(commonDir: string): string {
  return commonDir.replace(/[\\/]\.git$/, '');
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

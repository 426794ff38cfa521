import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { RpcFailure } from '../../protocol/errors.ts';
import { sessionIdSchema, type SessionId } from '../../protocol/ids.ts';
import { isAtWork, isInside, sharedWith } from '../../protocol/session/sharing.ts';
import type { SessionState } from '../../protocol/session/state.ts';
import type { Place, WantedPlace } from '../sessions/places.ts';
import { GitFailed, type Git } from './git.ts';
import { BRANCH_FOLDER, freeName, slugOf, worktreesFolder } from './names.ts';
import { repositoryAt, type Repository } from './repository.ts';

/** Settles the place against all sessions there are now; throws an {@link RpcFailure}. */
export type Claim = (sessions: Iterable<SessionState>) => Place;

export interface PlanNeeds {
  readonly git: Git;
  /** `<home>/worktrees` */
  readonly worktrees: string;
  /** What a session gets that does not say; from config.json. */
  isolate(): 'worktree' | 'none' | undefined;
  sessions(): Iterable<SessionState>;
}

/** Looks, and changes nothing: fast enough to answer `session.start` with. */
export async function planPlace(needs: PlanNeeds, wanted: WantedPlace): Promise<Claim> {
  const asked = wanted.isolate;
  if ((asked ?? needs.isolate()) === 'none') return claimFolder(wanted);
  const repository = await repositoryFor(needs.git, wanted.cwd, asked !== null);
  if (repository === null) return claimFolder(wanted);
  const inside = relative(repository.root, wanted.cwd);
  if (asked === null && !(await isInHistory(needs.git, repository, inside)))
    return claimFolder(wanted);
  return await claimWorktree(needs, wanted, repository, repository.isBare ? '' : inside);
}

/** Null where a session simply works in the folder; a reason where a worktree was asked for. */
async function repositoryFor(
  git: Git,
  cwd: string,
  isAskedFor: boolean,
): Promise<(Repository & { head: string }) | null> {
  let repository: Repository | null = null;
  try {
    repository = await repositoryAt(git, cwd);
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    if (isAskedFor) throw noWorktree(`git cannot use ${cwd}: ${error.message}`);
  }
  if (repository !== null && repository.head !== null)
    return { ...repository, head: repository.head };
  if (!isAskedFor) return null;
  throw repository === null
    ? noWorktree(`${cwd} is not in a git repository. Make it one with "git init" and a commit`)
    : noWorktree(`The repository ${repository.root} has no commit yet. Make one`);
}

function noWorktree(why: string): RpcFailure {
  return new RpcFailure(
    'refused',
    `There can be no worktree: ${why}, or start with --isolate none.`,
    { kind: 'isolate' },
  );
}

/** A repository around a folder may know nothing of it, as that of somebody's dot files. */
async function isInHistory(git: Git, { root, head }: Repository, inside: string): Promise<boolean> {
  if (inside === '') return true;
  const path = inside.replaceAll('\\', '/');
  return (await git.maybe(root, ['rev-parse', '-q', '--verify', `${head}:${path}`])) !== null;
}

function claimFolder({ cwd, share }: WantedPlace): Claim {
  return (sessions) => {
    const others = othersIn(cwd, sessions);
    if (others.length > 0 && !share) throw sharedFolder(cwd, others);
    return { cwd, worktree: null, shared: share };
  };
}

/** Sessions at work in the folder, inside it or above it. */
export function othersIn(
  cwd: string,
  sessions: Iterable<SessionState>,
  except?: SessionId,
): SessionState[] {
  const asking = { id: except ?? NOBODY, cwd, worktree: null, worktreeState: null } as const;
  return sharedWith({ ...asking, state: 'idle', archived: false }, sessions);
}

/** Stands for the session that is not there yet. */
const NOBODY = sessionIdSchema.parse('s_000000000000');

/** The refusal to let two sessions work in one folder. */
export function sharedFolder(cwd: string, others: readonly SessionState[]): RpcFailure {
  const names = others.slice(0, 3).map(({ id, title, cwd: where }) => {
    const place = where === cwd ? 'there' : `in ${where}`;
    return `${id} "${title}" works ${place}`;
  });
  const more = others.length > 3 ? `, and ${others.length - 3} more` : '';
  return new RpcFailure(
    'refused',
    `${cwd} is taken: ${names.join(', ')}${more}. Go on with that session, stop it first, or share the folder on purpose with --share.`,
    { kind: 'shared', sessions: others.map(({ id }) => id) },
  );
}

async function claimWorktree(
  { git, worktrees, sessions }: PlanNeeds,
  { cwd, title }: WantedPlace,
  { root, commonDir, branch, head }: Repository & { head: string },
  inside: string,
): Promise<Claim> {
  // Begun inside another session's worktree it builds on that one's branch, but the person's own
  // checkout stays where ignored files come from.
  const host = [...sessions()].find(
    (each) => each.worktree !== null && isAtWork(each) && isInside(cwd, each.worktree),
  );
  const home = host?.origin?.root ?? root;
  const folder = worktreesFolder(worktrees, commonDir, home);
  const [branches, folders] = await Promise.all([
    git.text(root, [
      'for-each-ref',
      '--format=%(refname)',
      `refs/heads/${BRANCH_FOLDER}`,
      `refs/heads/${BRANCH_FOLDER}-*`,
    ]),
    readdir(folder).catch(() => []),
  ]);
  const taken = {
    branches: branches.split('\n').map((ref) => ref.replace(/^refs\/heads\//, '')),
    folders,
  };
  return (all) => {
    const name = freeName(folder, slugOf(title), { ...taken, sessions: all });
    const origin = { root: home, branch: name.branch, base: branch, baseCommit: head };
    return { cwd: join(name.path, inside), worktree: name.path, origin, shared: false };
  };
}

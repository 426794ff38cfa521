import { RpcFailure } from '../../protocol/errors.ts';
import { LAND_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { LandResult, LandWay } from '../../protocol/session/workspace.ts';
import { standingOf, uncommittedIn, type Standing } from './changes.ts';
import type { Git } from './git.ts';
import { lstatOf } from './include.ts';
import { joinInto } from './join.ts';
import { commitTree, embeddedRepositories, treeOf } from './keep.ts';
import { moveBranch } from './move-branch.ts';
import { commitOf } from './repository.ts';
import { saveSubmodules, unsettledSubmodules } from './submodules.ts';
import { short, type OwnWorktree } from './words.ts';

/** The base may move while its checkout is made; more often than this somebody is at it. */
const MAX_TRIES = 3;
const SLOW = { limitMs: LAND_TIMEOUT_MS };
const UNDER_WAY = [
  ['MERGE_HEAD', 'merge'],
  ['rebase-merge', 'rebase'],
  ['rebase-apply', 'rebase'],
  ['CHERRY_PICK_HEAD', 'cherry-pick'],
  ['REVERT_HEAD', 'revert'],
] as const;

export interface LandRequest {
  readonly own: OwnWorktree;
  readonly way: LandWay;
  readonly message: string;
  /** `<home>/worktrees` */
  readonly worktrees: string;
}

/**
 * Hands the session's work to its base: makes a commit of what is not committed, joins both in a
 * checkout of its own, and only then moves the base, in one step, and the session's branch after it.
 * On a conflict, and whenever it throws an {@link RpcFailure}, both sides are exactly as they were.
 */
export async function land(git: Git, request: LandRequest): Promise<LandResult> {
  const { own, worktrees, way, message } = request;
  const base = await baseOf(git, own);
  const finished = await finishEarlier(git, own, base);
  if (finished !== null) return finished;
  await checkReady(git, own);
  const work = await workOf(git, own, message);
  for (let tries = 1; ; tries += 1) {
    const standing = await standingOf(git, own, work);
    const nothing = { outcome: 'nothing', base, commit: standing.base, commits: 0 } as const;
    if (standing.commits === 0) return { ...nothing, conflicts: [] };
    if (way === 'cherry-pick') await checkStraight(git, own, standing);
    const joined = await joinInto(git, { ...request, root: own.origin.root, standing, worktrees });
    if (joined.outcome === 'conflict')
      return { outcome: 'conflict', base, commit: null, commits: 0, conflicts: joined.files };
    if (joined.commit === standing.base) {
      // Squashed or picked before: the base has the same content already.
      await followBase(git, own, work, joined.commit);
      return { ...nothing, conflicts: [] };
    }
    await saveSubmodules(git, { ...roots(own), ref: landedRef(own), all: false });
    if (await moveBase(git, own, base, { standing, to: joined.commit })) {
      const { commits } = standing;
      return await finish(git, own, { work, commits, to: joined.commit, branch: base });
    }
    if (tries === MAX_TRIES)
      throw new RpcFailure(
        'refused',
        `The branch ${base} moved again and again while the work was joined with it: try once more when it rests.`,
      );
  }
}

/** What it is about to do is noted first; see {@link finishEarlier}. */
async function moveBase(
  git: Git,
  own: OwnWorktree,
  base: string,
  { standing, to }: { standing: Standing; to: string },
): Promise<boolean> {
  const [toRef, workRef] = landingRefs(own);
  let moved = false;
  try {
    await git.text(own.worktree, ['update-ref', workRef, standing.head]);
    await git.text(own.worktree, ['update-ref', toRef, to]);
    moved = await moveBranch(git, own.origin.root, base, standing.base, to);
    return moved;
  } finally {
    if (!moved) await forgetLanding(git, own);
  }
}

function roots({ origin, worktree }: OwnWorktree) {
  return { root: origin.root, worktree };
}

/** Where the base is about to move, and with what: found after a sudden end, they tell whether it did. */
function landingRefs({ id }: OwnWorktree): [to: string, work: string] {
  return [`refs/porchlight/landing/${id}/to`, `refs/porchlight/landing/${id}/work`];
}

async function forgetLanding(git: Git, own: OwnWorktree): Promise<void> {
  for (const ref of landingRefs(own)) await git.run(own.worktree, ['update-ref', '-d', ref]);
}

function landedRef({ id }: OwnWorktree): string {
  return `refs/porchlight/landed/${id}`;
}

async function baseOf(git: Git, { origin }: OwnWorktree): Promise<string> {
  const { base, branch, root } = origin;
  if (base === null)
    throw new RpcFailure(
      'refused',
      `The session began where no branch was checked out, so there is none to land on. Its work is on the branch ${branch} in ${root}.`,
    );
  if ((await commitOf(git, root, `refs/heads/${base}`)) === null)
    throw new RpcFailure(
      'refused',
      `The branch ${base} that the session began at is not in ${root} any more: make it again (git branch ${base} …), or merge ${branch} yourself.`,
    );
  return base;
}

/** A host that was killed after it had moved the base has left a note, and the rest to do. */
async function finishEarlier(
  git: Git,
  own: OwnWorktree,
  branch: string,
): Promise<LandResult | null> {
  const [toRef, workRef] = landingRefs(own);
  const to = await commitOf(git, own.worktree, toRef);
  const work = await commitOf(git, own.worktree, workRef);
  if (to === null || work === null) return null;
  const isOnBase = ['merge-base', '--is-ancestor', to, `refs/heads/${branch}`];
  if ((await git.run(own.worktree, isOnBase)).code !== 0) {
    await forgetLanding(git, own);
    return null;
  }
  const fork = await git.line(own.worktree, ['merge-base', work, `${to}^`]);
  const count = ['rev-list', '--count', `${fork}..${work}`];
  const commits = Number(await git.line(own.worktree, count));
  return await finish(git, own, { work, commits, to, branch });
}

async function finish(
  git: Git,
  own: OwnWorktree,
  { work, commits, to, branch }: { work: string; commits: number; to: string; branch: string },
): Promise<LandResult> {
  await followBase(git, own, work, to);
  await forgetLanding(git, own);
  return { outcome: 'landed', base: branch, commit: to, commits, conflicts: [] };
}

/**
 * What follows begins at what landed, so that landing again brings only that. Left as it is where
 * the worktree has gone on meanwhile.
 */
async function followBase(
  git: Git,
  { worktree }: OwnWorktree,
  work: string,
  to: string,
): Promise<void> {
  const before = await git.maybe(worktree, ['rev-parse', 'HEAD']);
  if (before !== work) {
    if ((await git.maybe(worktree, ['rev-parse', `${work}^`])) !== before) return;
    // What was not committed is what `work` holds: the files stay as they are.
    await git.text(worktree, ['reset', '--quiet', '--soft', work]);
    await git.text(worktree, ['reset', '--quiet'], SLOW);
  }
  // Like a switch of branches: it refuses rather than write over anything.
  await git.run(worktree, ['reset', '--keep', '--quiet', to], SLOW);
}

/** The commit of all there is: HEAD, or one on top of it that no branch is at yet. */
async function workOf(git: Git, { worktree, id }: OwnWorktree, message: string): Promise<string> {
  const head = await git.line(worktree, ['rev-parse', '--verify', 'HEAD^{commit}']);
  if ((await uncommittedIn(git, worktree, 1)).length === 0) return head;
  const tree = await treeOf(git, worktree);
  if (tree === (await git.line(worktree, ['rev-parse', `${head}^{tree}`]))) return head;
  const body = `${message}\n\nUncommitted work of the session ${id}.\n`;
  return await commitTree(git, worktree, { tree, parents: [head], message: body });
}

async function checkReady(git: Git, { worktree, id }: OwnWorktree): Promise<void> {
  for (const [file, what] of UNDER_WAY) {
    const path = await git.line(worktree, [
      'rev-parse',
      '--path-format=absolute',
      '--git-path',
      file,
    ]);
    if ((await lstatOf(path)) !== null)
      throw refusal(`a ${what} is under way in ${worktree}. Finish it or call it off there first`);
  }
  const unmerged = await git.names(worktree, ['diff', '--name-only', '--diff-filter=U', '-z']);
  if (unmerged.length > 0)
    throw refusal(
      `conflicts are unsolved in ${worktree}: ${listed(unmerged)}. Solve them there first`,
    );
  const inner = await embeddedRepositories(git, worktree);
  if (inner.length > 0)
    throw refusal(
      `${listed(inner)} in ${worktree} is a git repository of its own, which no commit holds. Move it away, or make it a submodule`,
    );
  const unsettled = await unsettledSubmodules(git, worktree);
  if (unsettled.length > 0)
    throw refusal(
      `the submodule ${listed(unsettled)} has uncommitted changes. Commit them there first`,
    );
  if ((await git.run(worktree, ['var', 'GIT_COMMITTER_IDENT'])).code !== 0)
    throw refusal(
      'git does not know who you are. Tell it with: git config --global user.name "Your Name", and user.email',
    );

  function refusal(why: string): RpcFailure {
    return new RpcFailure('refused', `The work of ${id} cannot be landed: ${why}.`);
  }
}

async function checkStraight(git: Git, own: OwnWorktree, standing: Standing): Promise<void> {
  const range = `${standing.base}..${standing.head}`;
  const merges = Number(await git.line(own.worktree, ['rev-list', '--count', '--merges', range]));
  if (merges === 0) return;
  throw new RpcFailure(
    'refused',
    `The session's work holds ${merges === 1 ? 'a merge' : `${merges} merges`} (${short(standing.head)}), which cannot be picked one by one: land it as a merge or as one commit (--squash).`,
  );
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

import { basename, join } from 'node:path';
import { RpcFailure } from '../../protocol/errors.ts';
import type { Git } from './git.ts';
import { lstatOf } from './include.ts';
import { commitTree, embeddedRepositories, treeOf } from './keep.ts';
import { lossInWords, lossOf } from './loss.ts';
import { removeCheckout } from './remove.ts';
import { checkoutsOf, commitOf } from './repository.ts';
import { saveSubmodules } from './submodules.ts';
import type { OwnWorktree } from './words.ts';

const KEPT = 'refs/porchlight/kept';
const MAX_NAMED = 50;

export interface DiscardRequest {
  readonly own: OwnWorktree;
  readonly force: boolean;
  /** Takes the session off its agent, for good. */
  endAgent(): void;
  /** Other sessions land on the branch. */
  isBaseOfOthers(): boolean;
}

/**
 * Removes the worktree and its branch. What would be lost is refused in words, or with `force` kept
 * under the ref that is returned; null when there was nothing. Done twice, or gone on with after a
 * sudden end, it comes to the same.
 */
export async function discard(git: Git, request: DiscardRequest): Promise<string | null> {
  const { own, force } = request;
  const { worktree, origin } = own;
  if ((await lstatOf(origin.root)) === null) return await withoutRepository(request);
  await checkLoss(git, own, force);
  request.endAgent();
  // It may have written something to the end.
  const loss = await checkLoss(git, own, force);
  const keptAs = loss.isNothing ? await keptBefore(git, own) : await keep(git, own);
  await removeCheckout(git, origin.root, worktree);
  if (!request.isBaseOfOthers()) await removeBranch(git, own);
  return keptAs;
}

/** Neither git nor we can tell what of it is elsewhere. */
async function withoutRepository({ own, endAgent }: DiscardRequest): Promise<null> {
  if ((await lstatOf(own.worktree)) !== null)
    throw new RpcFailure(
      'refused',
      `The repository ${own.origin.root} is not there any more, so nobody can tell what would be lost: look into ${own.worktree}, remove it yourself, and discard again.`,
      { kind: 'worktree' },
    );
  endAgent();
  return null;
}

async function checkLoss(git: Git, { id, worktree, origin }: OwnWorktree, force: boolean) {
  const isThere = (await lstatOf(join(worktree, '.git'))) !== null;
  const inner = isThere ? await embeddedRepositories(git, worktree) : [];
  if (inner.length > 0)
    throw new RpcFailure(
      'refused',
      `${inner.slice(0, 5).join(', ')} in ${worktree} is a git repository of its own, which would be lost and cannot be kept: move it away first.`,
      { kind: 'wouldLose', commits: 0, files: inner.slice(0, MAX_NAMED) },
    );
  const loss = await lossOf(git, { root: origin.root, worktree, branch: origin.branch });
  if (loss.isNothing || force) return loss;
  throw new RpcFailure(
    'refused',
    `Discarding ${id} would lose ${lossInWords(loss)}. Land it first (porchlight land ${id}), or discard it with --force: then it is kept under ${KEPT}/.`,
    { kind: 'wouldLose', commits: loss.commits, files: loss.files.slice(0, MAX_NAMED) },
  );
}

function markOf({ id }: OwnWorktree): string {
  return `Porchlight-Session: ${id}`;
}

/** One commit of all there is, under a ref of its own. */
async function keep(git: Git, own: OwnWorktree): Promise<string> {
  const { worktree, origin, title } = own;
  const { root, branch } = origin;
  const isThere = (await lstatOf(join(worktree, '.git'))) !== null;
  const head = isThere ? await commitOf(git, worktree, 'HEAD') : null;
  const tip = await commitOf(git, root, `refs/heads/${branch}`);
  const first = head ?? tip;
  if (first === null) throw new Error(`Nothing to keep of ${worktree}`);
  const tree = isThere
    ? await treeOf(git, worktree)
    : await git.line(root, ['rev-parse', `${first}^{tree}`]);
  const parents = [...new Set([first, ...(tip === null ? [] : [tip])])];
  const name = await freeKept(git, own, tree);
  if (isThere) await saveAllSubmodules(git, own, name);
  const message = `Kept when its worktree was discarded: ${title}\n\n${markOf(own)}\n`;
  const commit = await commitTree(git, root, { tree, parents, message });
  await git.text(root, ['update-ref', '-m', 'porchlight: discard', name, commit]);
  return name;
}

async function saveAllSubmodules(git: Git, own: OwnWorktree, ref: string): Promise<void> {
  const request = { root: own.origin.root, worktree: own.worktree, ref, all: true };
  const homeless = await saveSubmodules(git, request);
  if (homeless.length === 0) return;
  throw new RpcFailure(
    'refused',
    `The submodule ${homeless.slice(0, 5).join(', ')} in ${own.worktree} has commits that are nowhere else, and your checkout has no such submodule to keep them in: push them first.`,
    { kind: 'wouldLose', commits: 0, files: homeless.slice(0, MAX_NAMED) },
  );
}

/** A try that was killed may have kept the very same already. */
async function freeKept(git: Git, own: OwnWorktree, tree: string): Promise<string> {
  const { root } = own.origin;
  const wanted = `${KEPT}/${basename(own.worktree)}`;
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? wanted : `${wanted}-${n}`;
    if ((await commitOf(git, root, name)) === null) return name;
    const [message, present] = await Promise.all([
      git.line(root, ['log', '-1', '--format=%B', name]),
      git.line(root, ['rev-parse', `${name}^{tree}`]),
    ]);
    if (present === tree && message.includes(markOf(own))) return name;
  }
}

/** The ref that an earlier try kept this session's work under, before it was cut short. */
async function keptBefore(git: Git, own: OwnWorktree): Promise<string | null> {
  const list = [
    'for-each-ref',
    '--sort=-creatordate',
    '--format=%(refname)%00%(contents)%00',
    KEPT,
  ];
  const words = (await git.text(own.origin.root, list)).split('\0');
  for (let i = 0; i + 1 < words.length; i += 2)
    if (words[i + 1]?.includes(markOf(own)) === true) return words[i]?.trim() ?? null;
  return null;
}

async function removeBranch(git: Git, { origin: { root, branch } }: OwnWorktree): Promise<void> {
  if ((await commitOf(git, root, `refs/heads/${branch}`)) === null) return;
  const elsewhere = (await checkoutsOf(git, root)).some((each) => each.branch === branch);
  if (!elsewhere) await git.text(root, ['branch', '-q', '-D', '--', branch]);
}

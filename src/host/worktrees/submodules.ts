import { join } from 'node:path';
import { WORKTREE_TIMEOUT_MS } from '../../protocol/limits.ts';
import type { Git } from './git.ts';
import { lstatOf } from './include.ts';
import { keepCommit } from './keep.ts';

const MAX_SUBMODULES = 500;
const MAX_DEPTH = 8;
/** What the base lacks is looked for on the network, which may not be there. */
const NETWORK_LIMIT_MS = 60_000;
/** Git does not clone from a folder by itself; this folder is the person's own. */
const FROM_FOLDER = { 'protocol.file.allow': 'always' };

interface Submodule {
  readonly name: string;
  /** Relative to its repository, `/` between the parts. */
  readonly path: string;
}

/**
 * Fills those submodules of the worktree that are filled in the person's checkout, out of what is
 * there: without network. Returns what could not be filled, in words.
 */
export async function fillSubmodules(
  git: Git,
  root: string,
  worktree: string,
  depth = 0,
): Promise<string[]> {
  if (depth > MAX_DEPTH) return [];
  const problems: string[] = [];
  for (const submodule of await submodulesOf(git, worktree)) {
    const from = join(root, submodule.path);
    if (!(await isFilled(from))) continue;
    const problem = await fill(git, from, worktree, submodule);
    if (problem !== null) problems.push(problem);
    else {
      const deeper = await fillSubmodules(git, from, join(worktree, submodule.path), depth + 1);
      problems.push(...deeper);
    }
  }
  return problems;
}

async function fill(
  git: Git,
  from: string,
  worktree: string,
  { name, path }: Submodule,
): Promise<string | null> {
  const objects = await git.line(from, ['rev-parse', '--absolute-git-dir']);
  const key = `submodule.${name}`;
  const update = ['submodule', 'update', '--init', '--quiet', '--checkout', '--', path];
  const local = await git.run(worktree, update, {
    limitMs: WORKTREE_TIMEOUT_MS,
    config: { ...FROM_FOLDER, [`${key}.url`]: objects, [`${key}.update`]: 'checkout' },
  });
  // The copy must know the same place as the one it was made from, not that one.
  const url = await git.maybe(from, ['remote', 'get-url', 'origin']);
  const target = join(worktree, path);
  if (url !== null && (await isFilled(target)))
    await git.run(target, ['remote', 'set-url', 'origin', url]);
  if (local.code === 0) return null;
  const asked = await git.run(worktree, update, { limitMs: NETWORK_LIMIT_MS });
  return asked.code === 0
    ? null
    : `The submodule ${path} is empty in the worktree: ${asked.stderr.trim().split('\n').at(-1)}`;
}

/** Filled submodules of a checkout that hold something uncommitted. */
export async function unsettledSubmodules(git: Git, checkout: string): Promise<string[]> {
  const found: string[] = [];
  for (const { path } of await submodulesOf(git, checkout)) {
    const folder = join(checkout, path);
    if (!(await isFilled(folder))) continue;
    const status = await git.run(folder, ['status', '--porcelain', '-z', '-unormal'], {
      maxBytes: 1,
      cut: true,
    });
    if (status.stdout !== '') found.push(path);
  }
  return found;
}

/**
 * Commits made in the worktree's own submodules are in no other place: brings them into those of
 * the person's checkout under `ref`, with what is uncommitted where `all`. Returns the paths of
 * those that there is no place for.
 */
export async function saveSubmodules(
  git: Git,
  { root, worktree, ref, all }: { root: string; worktree: string; ref: string; all: boolean },
  depth = 0,
): Promise<string[]> {
  if (depth > MAX_DEPTH) return [];
  const homeless: string[] = [];
  for (const { path } of await submodulesOf(git, worktree)) {
    const folder = join(worktree, path);
    const home = join(root, path);
    if (!(await isFilled(folder))) continue;
    const deeper = { root: home, worktree: folder, ref, all };
    homeless.push(
      ...(await saveSubmodules(git, deeper, depth + 1)).map((each) => `${path}/${each}`),
    );
    const head = all
      ? await keepCommit(git, folder, `Work in the submodule ${path}`)
      : await git.maybe(folder, ['rev-parse', '--verify', '-q', 'HEAD^{commit}']);
    if (head === null || (await isElsewhere(git, folder, home, head))) continue;
    if (!(await isFilled(home))) {
      homeless.push(path);
      continue;
    }
    await git.text(folder, ['update-ref', ref, head]);
    await git.text(home, ['fetch', '-q', '--no-tags', '--', folder, `+${ref}:${ref}`], {
      config: FROM_FOLDER,
    });
  }
  return homeless;
}

/** Submodules of the worktree with commits that would be gone with it. */
export async function unsavedSubmodules(
  git: Git,
  root: string,
  worktree: string,
  depth = 0,
): Promise<string[]> {
  if (depth > MAX_DEPTH) return [];
  const unsaved: string[] = [];
  for (const { path } of await submodulesOf(git, worktree)) {
    const folder = join(worktree, path);
    const home = join(root, path);
    if (!(await isFilled(folder))) continue;
    const head = await git.maybe(folder, ['rev-parse', '--verify', '-q', 'HEAD^{commit}']);
    if (head !== null && !(await isElsewhere(git, folder, home, head))) unsaved.push(path);
    const deeper = await unsavedSubmodules(git, home, folder, depth + 1);
    unsaved.push(...deeper.map((each) => `${path}/${each}`));
  }
  return unsaved;
}

/** In the person's own checkout of the submodule, or where it was cloned from. */
async function isElsewhere(
  git: Git,
  folder: string,
  home: string,
  commit: string,
): Promise<boolean> {
  if (await isFilled(home)) {
    const found = await git.run(home, ['cat-file', '-e', `${commit}^{commit}`]);
    if (found.code === 0) return true;
  }
  return (await git.maybe(folder, ['rev-list', '-n', '1', commit, '--not', '--remotes'])) === '';
}

async function submodulesOf(git: Git, checkout: string): Promise<Submodule[]> {
  const file = join(checkout, '.gitmodules');
  if ((await lstatOf(file))?.isFile() !== true) return [];
  const { stdout } = await git.run(checkout, [
    'config',
    '-z',
    '-f',
    '.gitmodules',
    '--get-regexp',
    '^submodule\\..*\\.path$',
  ]);
  return stdout
    .split('\0')
    .flatMap((entry) => {
      const [key, path] = splitOnce(entry, '\n');
      const name = key.replace(/^submodule\./, '').replace(/\.path$/, '');
      // A path that leads out of the repository is nobody's submodule.
      const isInside = path !== '' && !path.startsWith('/') && !path.split(/[\\/]/).includes('..');
      return isInside ? [{ name, path }] : [];
    })
    .slice(0, MAX_SUBMODULES);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

async function isFilled(folder: string): Promise<boolean> {
  return (await lstatOf(join(folder, '.git'))) !== null;
}

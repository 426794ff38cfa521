import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, normalize, relative, sep } from 'node:path';
import { withDeadline } from '../../base/deadline.ts';
import { RpcFailure } from '../../protocol/errors.ts';
import type { SessionState } from '../../protocol/session/state.ts';

/** A folder on a network that is gone does not answer at all. */
const RESOLVE_LIMIT_MS = 5_000;
const MAX_RECENT = 50;

export interface FolderBoundsNeeds {
  /** `devices.roots` of config.json. */
  roots(): readonly string[];
  sessions(): Iterable<Pick<SessionState, 'cwd' | 'origin' | 'updatedAt'>>;
}

/**
 * Where a paired device may have agents work: in folders where a session ran before, which somebody
 * at this machine has chosen, and at and below the roots that the owner allows. All compared
 * with their links resolved.
 */
export class FolderBounds {
  readonly #needs: FolderBoundsNeeds;

  constructor(needs: FolderBoundsNeeds) {
    this.#needs = needs;
  }

  /** Most recent first. A worktree stands for the checkout that it was made from. */
  recent(): string[] {
    const newest = [...this.#needs.sessions()].sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));
    return [...new Set(newest.map(({ cwd, origin }) => origin?.root ?? cwd))].slice(0, MAX_RECENT);
  }

  /** Those that are there, resolved. */
  async roots(): Promise<string[]> {
    const roots = this.#needs.roots().map(expanded).filter(isAbsolute);
    const found = await Promise.all(roots.map(resolved));
    return [...new Set(found.filter((each) => each !== null))];
  }

  /** The folder, resolved. Throws an `RpcFailure` that tells nothing about what lies outside. */
  async mayWorkIn(path: string): Promise<string> {
    const folder = await this.#inRoots(path);
    if (folder !== null) return folder;
    const recent = this.recent();
    // Also one that is gone: what was asked there before is answered again.
    if (recent.includes(path)) return path;
    const real = isAbsolute(path) ? await resolved(path) : null;
    if (real !== null && (recent.includes(real) || (await anyIs(recent, real)))) return real;
    throw new RpcFailure(
      'notAllowed',
      `A device may start sessions only in folders where one ran before, and at or below "devices.roots" in the host's config.json; ${path} is neither.`,
      { kind: 'folder' },
    );
  }

  /** The folder, resolved, for looking around. Without one the first root. */
  async mayList(path: string | undefined): Promise<{ folder: string; isRoot: boolean }> {
    const roots = await this.roots();
    const [first] = roots;
    if (path === undefined && first !== undefined) return { folder: first, isRoot: true };
    const folder = path === undefined ? null : await this.#inRoots(path);
    if (folder !== null) return { folder, isRoot: !roots.some((root) => isBelow(root, folder)) };
    throw new RpcFailure(
      'notAllowed',
      `A device may look around only at and below "devices.roots" in the host's config.json${first === undefined ? ', which names none' : ''}.`,
      { kind: 'folder' },
    );
  }

  async #inRoots(path: string): Promise<string | null> {
    // `..` is refused even where it would lead back in: nobody needs it.
    if (!isAbsolute(path) || path.split(/[\\/]/u).includes('..')) return null;
    const roots = await this.roots();
    const real = await resolved(path);
    if (real !== null) return roots.some((root) => isWithin(root, real)) ? real : null;
    if (!roots.some((root) => isWithin(root, normalize(path)))) return null;
    throw new RpcFailure('refused', `The folder ${path} does not exist: choose another one.`, {
      kind: 'folder',
    });
  }
}

function isWithin(root: string, folder: string): boolean {
  return folder === root || isBelow(root, folder);
}

function isBelow(root: string, folder: string): boolean {
  const way = relative(root, folder);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function anyIs(folders: readonly string[], real: string): Promise<boolean> {
  return (await Promise.all(folders.map(resolved))).includes(real);
}

/** Null where it is not there, or does not answer. */
async function resolved(path: string): Promise<string | null> {
  try {
    return await withDeadline(realpath(path), RESOLVE_LIMIT_MS, 'Looking at a folder');
  } catch {
    return null;
  }
}

function expanded(root: string): string {
  if (root === '~') return homedir();
  return /^~[\\/]/u.test(root) ? join(homedir(), root.slice(2)) : root;
}

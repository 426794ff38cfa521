import { posix, win32 } from 'node:path';
import type { PathWorld } from './path-world.ts';

const MAX_LINKS = 40;
const MAX_PATH_CHARS = 8_192;

/**
 * All that a path may mean: tools disagree on whether `..` is taken out of the text or walked, so
 * after a link both places count. Absolute, links resolved as far as the path exists. Null for what
 * is no path.
 */
export function resolvePath(written: string, cwd: string, world: PathWorld): string[] | null {
  if (written === '' || written.length > MAX_PATH_CHARS || written.includes('\0')) return null;
  const path = world.windows ? win32 : posix;
  const home = expandHome(written, world);
  const absolute = path.isAbsolute(home) ? home : `${cwd}${path.sep}${home}`;
  const lexical = realOf(path.normalize(absolute), world);
  if (lexical === null) return null;
  if (!absolute.includes('..')) return [lexical];
  const walked = walk(absolute, world);
  return walked === null || walked === lexical ? [lexical] : [lexical, walked];
}

/** As it is named, `..` and `.` taken out, links left alone. */
export function absolutePath(written: string, cwd: string, world: PathWorld): string {
  const path = world.windows ? win32 : posix;
  const home = expandHome(written, world);
  return path.normalize(path.isAbsolute(home) ? home : `${cwd}${path.sep}${home}`);
}

/** `~`, `~/x`, `$HOME/x` and file URLs as paths; the rest as it is. */
export function expandHome(written: string, world: PathWorld): string {
  const tilde = /^(?:~|\$HOME|\$\{HOME\}|%USERPROFILE%)(?=$|[\\/])/u.exec(written);
  if (tilde !== null) return world.home + written.slice(tilde[0].length);
  if (!/^file:\/\//iu.test(written)) return written;
  try {
    const { pathname } = new URL(written);
    const plain = decodeURIComponent(pathname);
    return world.windows ? plain.replace(/^\/(?=[a-z]:)/iu, '') : plain;
  } catch {
    return written;
  }
}

/** Whether `path` is `folder` or lies in it; both absolute. */
export function isWithin(path: string, folder: string, world: PathWorld): boolean {
  const a = comparable(path, world);
  const b = comparable(folder, world);
  return a === b || a.startsWith(b.endsWith('/') ? b : `${b}/`);
}

/** One spelling for all that name the same file: `/` between the parts, case and marks folded where the system does. */
export function comparable(path: string, world: PathWorld): string {
  const slashes = world.windows ? path.replaceAll('\\', '/') : path;
  const trimmed = slashes.length > 1 && slashes.endsWith('/') ? slashes.slice(0, -1) : slashes;
  return world.foldsCase ? trimmed.normalize('NFC').toLowerCase() : trimmed;
}

/** A path as it is compared: in one spelling, whole and in parts. */
export interface PathForm {
  readonly text: string;
  readonly parts: readonly string[];
}

export function pathForm(path: string, world: PathWorld): PathForm {
  const text = comparable(path, world);
  return { text, parts: text.split('/').filter((part) => part !== '') };
}

/** The parts of an absolute path, as globs see them. */
export function partsOf(path: string, world: PathWorld): string[] {
  return comparable(path, world)
    .split('/')
    .filter((part) => part !== '');
}

/** The real place of a normal absolute path, whose end need not exist; null when its links go round. */
export function realOf(path: string, world: PathWorld, links = MAX_LINKS): string | null {
  const { dirname, basename, join, isAbsolute, normalize } = world.windows ? win32 : posix;
  const real = world.realpath(path);
  if (real !== null) return real;
  if (links === 0) return null;
  const parent = dirname(path);
  if (parent === path) return path;
  // A link whose target is not there yet: writing to it makes the target.
  const target = world.readlink(path);
  if (target !== null)
    return realOf(normalize(isAbsolute(target) ? target : join(parent, target)), world, links - 1);
  const above = realOf(parent, world, links);
  return above === null ? null : join(above, basename(path));
}

/** As the system walks it: each link is followed before the `..` after it counts. */
function walk(absolute: string, world: PathWorld): string | null {
  const path = world.windows ? win32 : posix;
  const { root } = path.parse(absolute);
  let at = root;
  for (const part of absolute.slice(root.length).split(world.windows ? /[\\/]+/u : /\/+/u)) {
    if (part === '' || part === '.') continue;
    const next = part === '..' ? path.dirname(at) : realOf(path.join(at, part), world);
    if (next === null) return null;
    at = next;
  }
  return at;
}

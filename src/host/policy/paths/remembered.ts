import type { PathWorld } from './path-world.ts';

/** The same files, each looked at once: for one judgement, within which they do not change. */
export function remembered(world: PathWorld): PathWorld {
  const real = new Map<string, string | null>();
  const links = new Map<string, string | null>();
  return {
    ...world,
    realpath: (path) => once(real, path, world.realpath),
    readlink: (path) => once(links, path, world.readlink),
  };
}

function once(
  known: Map<string, string | null>,
  path: string,
  look: (path: string) => string | null,
): string | null {
  const found = known.get(path);
  if (found !== undefined) return found;
  const seen = look(path);
  known.set(path, seen);
  return seen;
}

import { posix, win32 } from 'node:path';
import type { PathWorld } from '../../src/host/policy/paths/path-world.ts';

/** Files of a machine that is not there: text, `null` for a folder, `{link}` for a link. */
export type MemoryFiles = Readonly<Record<string, string | null | { readonly link: string }>>;

const MAX_LINKS = 40;

/** Paths as a system would resolve them, over files that are written down. */
export function memoryFiles(
  files: MemoryFiles = {},
  system: { readonly home?: string; readonly windows?: boolean; readonly foldsCase?: boolean } = {},
): PathWorld {
  const { home = '/home/ada', windows = false } = system;
  const foldsCase = system.foldsCase ?? windows;
  const path = windows ? win32 : posix;
  const fold = (name: string): string => (foldsCase ? name.toLowerCase() : name);
  const all = new Map(Object.entries(files).map(([name, file]) => [fold(name), { name, file }]));
  for (const { name } of [...all.values()])
    for (let at = path.dirname(name); !all.has(fold(at)); at = path.dirname(at))
      all.set(fold(at), { name: at, file: null });

  const resolved = (name: string, links: number): string | null => {
    if (links > MAX_LINKS) return null;
    const found = all.get(fold(name));
    if (found !== undefined && typeof found.file === 'object' && found.file !== null)
      return resolved(path.resolve(path.dirname(name), found.file.link), links + 1);
    const above = path.dirname(name);
    if (above === name) return found === undefined ? null : found.name;
    const parent = resolved(above, links);
    if (parent === null) return null;
    const real = path.join(parent, path.basename(name));
    if (real !== name) return resolved(real, links + 1);
    return all.get(fold(name))?.name ?? null;
  };

  return {
    home,
    windows,
    foldsCase,
    realpath: (name) => resolved(name, 0),
    readlink: (name) => {
      const file = all.get(fold(name))?.file;
      return typeof file === 'object' && file !== null ? file.link : null;
    },
    readStart: (name, bytes) => {
      const file = all.get(fold(resolved(name, 0) ?? name))?.file;
      return typeof file === 'string' ? file.slice(0, bytes) : null;
    },
  };
}

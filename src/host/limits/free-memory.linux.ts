import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * MemAvailable, or what the tightest memory limit above us leaves (cgroup v2, and v1 as containers
 * show it). Pages of files that can be dropped count as free: Node's own
 * `process.availableMemory()` counts them as used, which in a container ends near zero.
 */
export function linuxFreeMemory(read: Read = readText): number | null {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(read('/proc/meminfo') ?? '')?.[1];
  const left = [
    ...(available === undefined ? [] : [Number(available) * 1_024]),
    ...leftByGroups(read),
  ];
  return left.length === 0 ? null : Math.max(0, Math.min(...left));
}

/** A file's text, or null. */
type Read = (path: string) => string | null;

function leftByGroups(read: Read): number[] {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').map((line) => line.split(':'));
  return groups.flatMap(([id, controllers, ...path]) => {
    if (id === '0') return leftUpwards('/sys/fs/cgroup', path.join(':'), V2, read);
    const isMemory = controllers?.split(',').includes('memory') === true;
    return isMemory ? leftUpwards('/sys/fs/cgroup/memory', path.join(':'), V1, read) : [];
  });
}

interface Files {
  readonly limit: string;
  readonly used: string;
  readonly droppable: RegExp;
}
const V2: Files = {
  limit: 'memory.max',
  used: 'memory.current',
  droppable: /^inactive_file (\d+)/m,
};
const V1: Files = {
  limit: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  droppable: /^total_inactive_file (\d+)/m,
};

/** In a container the path may name folders that are not seen in it; its own is the root. */
function leftUpwards(root: string, path: string, files: Files, read: Read): number[] {
  const left: number[] = [];
  for (let folder = path; ; folder = dirname(folder)) {
    const at = join(root, folder);
    // Without a limit it says "max".
    const limit = Number(read(join(at, files.limit)) ?? Number.NaN);
    const used = Number(read(join(at, files.used)) ?? Number.NaN);
    const droppable = files.droppable.exec(read(join(at, 'memory.stat')) ?? '')?.[1];
    if (Number.isFinite(limit) && Number.isFinite(used))
      left.push(limit - used + Number(droppable ?? 0));
    if (folder === dirname(folder)) return left;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

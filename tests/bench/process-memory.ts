import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc; fixed by Linux for user space. */
const TICKS_PER_SECOND = 100;

/** The given processes and all their descendants, now. Linux only. */
export function treeOf(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(Number(name));
    if (fields === null) continue;
    const parent = Number(fields[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = new Set<number>();
  const visit = (pid: number): void => {
    if (found.has(pid)) return;
    found.add(pid);
    for (const child of children.get(pid) ?? []) visit(child);
  };
  for (const pid of roots) visit(pid);
  return [...found];
}

/** Proportional set size: a page shared by n processes counts 1/n in each. */
export function pssBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const rollup = read(`/proc/${pid}/smaps_rollup`);
    const match = rollup === null ? null : /^Pss:\s+(\d+) kB/m.exec(rollup);
    return sum + (match === null ? 0 : Number(match[1]) * 1024);
  }, 0);
}

/** Resident set size. */
export function rssBytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '');
  return match === null ? Number.NaN : Number(match[1]) * 1024;
}

/** User and system time used so far. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = statOf(pid);
    return fields === null
      ? sum
      : sum + ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000;
  }, 0);
}

/** Fields of /proc/pid/stat after the name, so state is 0, parent 1, utime 11, stime 12. */
function statOf(pid: number): string[] | null {
  const stat = read(`/proc/${pid}/stat`);
  return stat === null ? null : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

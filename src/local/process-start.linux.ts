import { readFileSync } from 'node:fs';
import type { ProcessStart } from './process-start.ts';

/** Ticks since boot (proc_pid_stat(5), field 22), which may repeat after a boot: so with its id. */
export function linuxProcessStart(proc = '/proc'): ProcessStart {
  let boot: string | null = null;
  return async (pid) => {
    const stat = read(`${proc}/${pid}/stat`);
    if (stat === null) return null;
    // The name of the program may hold spaces and parentheses; the last one ends it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state] = fields;
    const ticks = fields[19];
    if (ticks === undefined || state === 'Z' || state === 'X') return null;
    boot ??= read(`${proc}/sys/kernel/random/boot_id`)?.trim() ?? '';
    return `${boot}/${ticks}`;
  };
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // Gone, or hidden from us: then it is no process of this user.
    return null;
  }
}

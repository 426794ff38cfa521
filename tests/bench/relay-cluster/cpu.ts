import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc; fixed by Linux for user space. */
const TICKS_PER_SECOND = 100;
/** Of /proc/PID/stat, counted behind the name in brackets: utime and stime. */
const UTIME = 11;
const STIME = 12;

/** The processor's time that these have had so far. Linux only. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[UTIME]) + Number(fields[STIME]);
    return sum + (ticks * 1_000) / TICKS_PER_SECOND;
  }, 0);
}

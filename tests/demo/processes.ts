import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  readonly command: string;
}

/** A process as it is told to people. */
export function processOf(pid: number): Process {
  const command = read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  return { pid, command: command.replaceAll('\0', ' ').trim() };
}

/**
 * Every process that carries `folder` in its environment, command line or working directory,
 * except this one. The folder's name is unique, so they are all ours, also those that have left
 * the tree they were started in.
 */
export function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) =>
      [
        read(() => readFileSync(`/proc/${name}/cmdline`, 'utf8')),
        read(() => readFileSync(`/proc/${name}/environ`, 'utf8')),
        read(() => readlinkSync(`/proc/${name}/cwd`)),
      ].some((text) => text.includes(folder)),
    )
    .map(Number);
}

/** Ends the hard way what is still there. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** Processes come and go while we look, and some are not ours to read. */
function read(look: () => string): string {
  try {
    return look();
  } catch {
    return '';
  }
}

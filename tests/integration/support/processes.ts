import { readdirSync, readFileSync } from 'node:fs';
import { AGENT_MARK } from '../../../src/protocol/keeper.ts';

/** A process, told from a later one with the same pid by when it was started. Linux only. */
export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly startedAt: string;
  readonly command: string;
  /** The agent instance whose mark it carries. */
  readonly instance: string | null;
  /** The home it belongs to by its environment: keepers and hosts have one, agents do not. */
  readonly home: string | null;
}

/** Everything that runs now and whose environment we may read; zombies are gone already. */
export function runningProcesses(): RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const found = look(Number(name));
      return found === null ? [] : [found];
    });
}

/** Those of one agent instance, the adapter first, then by age. */
export function processesOfInstance(instance: string): RunningProcess[] {
  return runningProcesses()
    .filter((each) => each.instance === instance)
    .sort((a, b) => Number(a.startedAt) - Number(b.startedAt) || a.pid - b.pid);
}

export function isRunning({ pid, startedAt }: Pick<RunningProcess, 'pid' | 'startedAt'>): boolean {
  return statOf(pid)?.startedAt === startedAt;
}

/** Whether it was there to be killed. */
export function killHard(pid: number, signal: NodeJS.Signals = 'SIGKILL'): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function look(pid: number): RunningProcess | null {
  const stat = statOf(pid);
  if (stat === null) return null;
  const environment = read(`/proc/${pid}/environ`)?.split('\0');
  if (environment === undefined) return null;
  const valueOf = (name: string): string | null =>
    environment.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  return {
    pid,
    ...stat,
    command: (read(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ').trim(),
    instance: valueOf(AGENT_MARK),
    home: valueOf('PORCHLIGHT_HOME'),
  };
}

/** null for one that is gone, or is a zombie. */
function statOf(pid: number): { parent: number; startedAt: string } | null {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return { parent: Number(fields[1]), startedAt: fields[19] ?? '' };
}

/** Processes come and go while we look, and some are not ours to read. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

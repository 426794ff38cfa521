import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { AGENT_MARK } from '../../../protocol/keeper.ts';
import { isSought } from './program-name.ts';
import type { RunningProgram, RunningPrograms } from './running-programs.ts';

/** Processes read between two turns of the event loop. */
const READ_AT_ONCE = 32;

/** /proc, read synchronously: microseconds a process. */
export function linuxRunningPrograms(
  proc = '/proc',
  user: number | undefined = process.getuid?.(),
): RunningPrograms {
  return {
    async find(sought) {
      const found: RunningProgram[] = [];
      for (const [index, entry] of readdirSync(proc).entries()) {
        if (index % READ_AT_ONCE === READ_AT_ONCE - 1)
          await new Promise((resolve) => setImmediate(resolve));
        if (!/^\d+$/.test(entry)) continue;
        const folder = `${proc}/${entry}`;
        const args = (read(`${folder}/cmdline`) ?? '').split('\0');
        if (!isSought(sought, { name: read(`${folder}/comm`)?.trim() ?? null, args })) continue;
        if (user !== undefined && ownerOf(folder) !== user) continue;
        const startedAt = startOf(read(`${folder}/stat`));
        if (startedAt === null) continue;
        const mark = (read(`${folder}/environ`) ?? '')
          .split('\0')
          .some((each) => each.startsWith(`${AGENT_MARK}=`));
        found.push({ pid: Number(entry), cwd: cwdOf(folder), startedAt, isMarked: mark });
      }
      return found;
    },
  };
}

/** Field 22 of proc_pid_stat(5); null for a zombie, and for one that is gone. */
function startOf(stat: string | null): string | null {
  if (stat === null) return null;
  // The name may hold spaces and parentheses; the last one ends it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function ownerOf(folder: string): number | null {
  return statSync(folder, { throwIfNoEntry: false })?.uid ?? null;
}

function cwdOf(folder: string): string | null {
  try {
    return readlinkSync(`${folder}/cwd`);
  } catch {
    return null;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Gone meanwhile, or another user's.
    return null;
  }
}

import { readdirSync, readFileSync } from 'node:fs';
import { AGENT_MARK } from '../protocol/keeper.ts';
import type { ProcessKey } from './lock.ts';
import type { ProcessRow, ProcessTree } from './process-tree.ts';
import { signalQuietly } from './signal.ts';

interface Stat extends ProcessKey {
  readonly parent: number;
  readonly group: number;
  readonly isZombie: boolean;
}

/** /proc, read synchronously: a few microseconds a process, and nothing to wait for. */
export function linuxProcessTree(proc = '/proc'): ProcessTree {
  // An environment is read once a process: a mark is inherited at fork, before anything can clear it.
  let marks = new Map<string, string | null>();
  const statOf = (pid: number): Stat | null => parseStat(read(`${proc}/${pid}/stat`));
  const keyOf = (pid: number): ProcessKey | null => {
    const stat = statOf(pid);
    return stat === null || stat.isZombie ? null : { pid, startedAt: stat.startedAt };
  };
  return {
    boot: read(`${proc}/sys/kernel/random/boot_id`)?.trim() ?? '',
    hasGroups: true,
    async find(pid) {
      return keyOf(pid);
    },
    async list() {
      const seen = new Map<string, string | null>();
      const rows: ProcessRow[] = [];
      for (const name of readdirSync(proc)) {
        const pid = Number(name);
        if (!Number.isInteger(pid)) continue;
        const stat = statOf(pid);
        if (stat === null || stat.isZombie) continue;
        const key = `${pid}@${stat.startedAt}`;
        const known = marks.get(key);
        const mark = known === undefined ? markIn(read(`${proc}/${pid}/environ`)) : known;
        seen.set(key, mark);
        rows.push({ pid, startedAt: stat.startedAt, parent: stat.parent, group: stat.group, mark });
      }
      marks = seen;
      return rows;
    },
    askToEnd(leader) {
      signalQuietly(-leader, 'SIGTERM');
    },
    end(key, how) {
      if (keyOf(key.pid)?.startedAt === key.startedAt) signalQuietly(key.pid, how === 'ask' ? 'SIGTERM' : 'SIGKILL');
    },
  };
}

/** `pid (comm) state ppid pgrp … starttime` (proc_pid_stat(5), field 22, ticks since boot). */
export function parseStat(text: string | null): Stat | null {
  if (text === null) return null;
  // comm may hold spaces and parentheses; the last one ends it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const pid = Number.parseInt(text, 10);
  const [state, parent, group] = fields;
  const startedAt = fields[19];
  if (state === undefined || startedAt === undefined || !Number.isInteger(pid)) return null;
  return { pid, parent: Number(parent), group: Number(group), startedAt, isZombie: state === 'Z' || state === 'X' };
}

export function markIn(environ: string | null): string | null {
  const start = `${AGENT_MARK}=`;
  return environ?.split('\0').find((entry) => entry.startsWith(start))?.slice(start.length) ?? null;
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // Gone meanwhile, or another user's.
    return null;
  }
}

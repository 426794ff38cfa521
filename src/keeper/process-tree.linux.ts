import { readdirSync, readFileSync } from 'node:fs';
import { AGENT_MARK, AGENT_OWNER } from '../protocol/keeper.ts';
import { keyText, type ProcessKey } from '../local/process-lock.ts';
import type { ProcessRow, ProcessTree } from './process-tree.ts';
import { signalQuietly } from './signal.ts';

type Marks = Pick<ProcessRow, 'mark' | 'owner'>;

interface Stat extends ProcessKey {
  readonly parent: number;
  readonly group: number;
  readonly isZombie: boolean;
}

/** Processes read between two turns of the event loop: agents' lines pass meanwhile. */
const READ_AT_ONCE = 32;

/** /proc, read synchronously: about 25 µs a process, which a thread pool would make more. */
export function linuxProcessTree(proc = '/proc'): ProcessTree {
  // An environment is read once a process: a mark is inherited at fork, before anything can clear it.
  let marks = new Map<string, Marks>();
  let seen: ReadonlySet<number> = new Set();
  const statOf = (pid: number): Stat | null => parseStat(read(`${proc}/${pid}/stat`));
  const keyOf = (pid: number): ProcessKey | null => {
    const stat = statOf(pid);
    return stat === null || stat.isZombie ? null : { pid, startedAt: stat.startedAt };
  };
  const pidsNow = (): number[] =>
    readdirSync(proc).flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  const rowsOf = async (pids: readonly number[]): Promise<ProcessRow[]> => {
    const rows: ProcessRow[] = [];
    for (const [index, pid] of pids.entries()) {
      if (index % READ_AT_ONCE === READ_AT_ONCE - 1)
        await new Promise((resolve) => setImmediate(resolve));
      const stat = statOf(pid);
      if (stat === null || stat.isZombie) continue;
      const { startedAt, parent, group } = stat;
      const known = marks.get(`${pid}@${startedAt}`);
      rows.push({
        pid,
        startedAt,
        parent,
        group,
        ...(known ?? marksIn(read(`${proc}/${pid}/environ`))),
      });
    }
    return rows;
  };
  return {
    boot: read(`${proc}/sys/kernel/random/boot_id`)?.trim() ?? '',
    hasGroups: true,
    lookEveryMs: 2_000,
    async find(pid) {
      return keyOf(pid);
    },
    async list() {
      const rows = await rowsOf(pidsNow());
      marks = new Map(rows.map((row) => [keyText(row), { mark: row.mark, owner: row.owner }]));
      return rows;
    },
    async look() {
      const pids = new Set(pidsNow());
      const before = seen;
      seen = pids;
      return { pids, appeared: await rowsOf([...pids].filter((pid) => !before.has(pid))) };
    },
    askToEnd(leader) {
      signalQuietly(-leader, 'SIGTERM');
    },
    end(key, how) {
      if (keyOf(key.pid)?.startedAt === key.startedAt)
        signalQuietly(key.pid, how === 'ask' ? 'SIGTERM' : 'SIGKILL');
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
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    startedAt,
    isZombie: state === 'Z' || state === 'X',
  };
}

export function marksIn(environ: string | null): Marks {
  const entries = environ?.split('\0') ?? [];
  const valueOf = (name: string): string | null =>
    entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? null;
  return { mark: valueOf(AGENT_MARK), owner: valueOf(AGENT_OWNER) };
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // Gone meanwhile, or another user's.
    return null;
  }
}

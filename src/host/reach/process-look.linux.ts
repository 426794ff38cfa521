import { readFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { LookAtProcesses } from './seen.ts';

/** tcp_states.h. */
const ESTABLISHED = '01';
/** A process with more is looked at no further. */
const MAX_FILES = 4_096;

/** proc_pid_stat(5), proc_pid_fd(5), proc_pid_net(5): of the process's own network namespace. */
export function linuxProcessLook(proc = '/proc'): LookAtProcesses {
  return async (pids) => {
    const seen = await Promise.all(pids.map(async (pid) => await lookAt(join(proc, String(pid)))));
    const there = seen.filter((each) => each !== null);
    if (there.length === 0) return { stopped: null, connections: null };
    return {
      stopped: there.some(({ state }) => state === 'T' || state === 't'),
      connections: there.every(({ connections }) => connections === null)
        ? null
        : there.reduce((sum, { connections }) => sum + (connections ?? 0), 0),
    };
  };
}

async function lookAt(
  folder: string,
): Promise<{ state: string | undefined; connections: number | null } | null> {
  const stat = await text(join(folder, 'stat'));
  if (stat === null) return null;
  // The name of the program may hold spaces and parentheses; the last one ends it.
  const state = stat[stat.lastIndexOf(')') + 2];
  return { state, connections: await connectionsOf(folder) };
}

async function connectionsOf(folder: string): Promise<number | null> {
  const established = new Set<string>();
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map(async (name) => await text(join(folder, 'net', name))),
  );
  if (tables.every((table) => table === null)) return null;
  for (const line of tables.flatMap((table) => (table ?? '').split('\n').slice(1))) {
    const fields = line.trim().split(/\s+/);
    if (fields[3] === ESTABLISHED && fields[9] !== undefined) established.add(fields[9]);
  }
  try {
    const files = (await readdir(join(folder, 'fd'))).slice(0, MAX_FILES);
    const links = await Promise.all(
      files.map(async (file) => await readlink(join(folder, 'fd', file)).catch(() => '')),
    );
    return links.filter((link) => established.has(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? ''))
      .length;
  } catch {
    return null;
  }
}

async function text(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'latin1');
  } catch {
    // Gone, or hidden from us.
    return null;
  }
}

import { keyText, type ProcessKey } from '../local/process-lock.ts';
import { linuxProcessTree } from './process-tree.linux.ts';
import { macosProcessTree } from './process-tree.macos.ts';
import { windowsProcessTree } from './process-tree.windows.ts';

export interface ProcessRow extends ProcessKey {
  readonly parent: number;
  /** POSIX process group, 0 where there is none. */
  readonly group: number;
  /** Instance named by the mark in its environment; null when unmarked or not ours to read. */
  readonly mark: string | null;
  /** Home whose keeper it says to be of; null like `mark`. */
  readonly owner: string | null;
}

export interface ProcessLook {
  /** At least those that were not there at the last look. */
  readonly appeared: readonly ProcessRow[];
  /** Of all processes that are there. */
  readonly pids: ReadonlySet<number>;
}

/** How this platform lists and ends processes. Zombies are not listed. */
export interface ProcessTree {
  list(): Promise<ProcessRow[]>;
  /** What is new since the last look, for the record: cheaper than a list where that is possible. */
  look(): Promise<ProcessLook>;
  /** How often looking is worth what it costs here. */
  readonly lookEveryMs: number;
  /** Null when there is no such process. */
  find(pid: number): Promise<ProcessKey | null>;
  /** Changes with each boot, since start times may repeat after one; constant where they cannot. */
  readonly boot: string;
  /** An agent starts in a process group and session of its own. (On Windows: a console window.) */
  readonly hasGroups: boolean;
  /** Asks an agent to end, with its process group where there are such. */
  askToEnd(leader: number): void;
  /** Signals exactly this process; nothing happens when it is gone or its pid is another's now. */
  end(key: ProcessKey, how: 'ask' | 'kill'): void;
}

/** The processes of one instance, as far as they are known. */
export interface Belonging {
  readonly instance: string;
  /** A marked process counts when it names this home, or none, as an older keeper's do. */
  readonly owner: string;
  readonly known: ReadonlySet<string>;
  /** The agent's process group, only while it surely is still that one. */
  readonly group: number | null;
}

export function processTree(platform: NodeJS.Platform): ProcessTree {
  if (platform === 'win32') return windowsProcessTree();
  return platform === 'darwin' ? macosProcessTree() : linuxProcessTree();
}

/**
 * What belongs to an instance: marked, recorded before, in its group, or a descendant of such a
 * one. Children that leave the group, lose their parent or clear their environment are still found
 * by one of the others, or by the record. `spared` are never among them.
 */
export function belongingTo(
  rows: readonly ProcessRow[],
  of: Belonging,
  spared: ReadonlySet<number>,
): ProcessRow[] {
  const childrenOf = new Map<number, ProcessRow[]>();
  for (const row of rows) {
    const siblings = childrenOf.get(row.parent);
    if (siblings === undefined) childrenOf.set(row.parent, [row]);
    else siblings.push(row);
  }
  const found = new Map<number, ProcessRow>();
  const queue = rows.filter(
    (row) =>
      (row.mark === of.instance && (row.owner ?? of.owner) === of.owner) ||
      of.known.has(keyText(row)) ||
      (of.group !== null && row.group === of.group),
  );
  for (let row = queue.pop(); row !== undefined; row = queue.pop()) {
    if (found.has(row.pid) || spared.has(row.pid) || row.pid <= 1) continue;
    found.set(row.pid, row);
    queue.push(...(childrenOf.get(row.pid) ?? []));
  }
  return [...found.values()].sort((a, b) => a.pid - b.pid);
}

import { AGENT_MARK, AGENT_OWNER } from '../protocol/keeper.ts';
import type { ProcessRow, ProcessTree } from './process-tree.ts';
import { runTool } from '../local/run-tool.ts';
import { signalQuietly } from './signal.ts';

/** `lstart` is wall-clock time in five words, so it needs no boot id. No zone is set for it: the keeper before wrote it so. */
const COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=,command=';
const ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]{8}\s+\d{4})\s(.*)$/;

/** ps(1): `-E` prints the environment after the command, of one's own processes only. */
export function macosProcessTree(): ProcessTree {
  const rowsOf = async (which: readonly string[]): Promise<ProcessRow[]> =>
    parsePs(await runTool('/bin/ps', [...which, '-Eww', '-o', COLUMNS]));
  return {
    boot: '',
    async list() {
      return await rowsOf(['-ax']);
    },
    hasGroups: true,
    lookEveryMs: 5_000,
    async look() {
      const appeared = await rowsOf(['-ax']);
      return { appeared, pids: new Set(appeared.map((row) => row.pid)) };
    },
    async find(pid) {
      // ps exits 1 when there is none.
      const rows = await rowsOf(['-p', String(pid)]).catch(() => []);
      return rows.find((row) => row.pid === pid) ?? null;
    },
    askToEnd(leader) {
      signalQuietly(-leader, 'SIGTERM');
    },
    end(key, how) {
      signalQuietly(key.pid, how === 'ask' ? 'SIGTERM' : 'SIGKILL');
    },
  };
}

export function parsePs(output: string): ProcessRow[] {
  return output.split('\n').flatMap((text) => {
    const [, pid, parent, group, state = '', startedAt, command = ''] = ROW.exec(text) ?? [];
    if (pid === undefined || startedAt === undefined || state.startsWith('Z')) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        startedAt: startedAt.replace(/\s+/g, ' '),
        mark: valueIn(command, AGENT_MARK),
        owner: valueIn(command, AGENT_OWNER),
      },
    ];
  });
}

/** Command and environment are one text; ids hold no spaces, so the last mark is the one in force. */
function valueIn(command: string, name: string): string | null {
  const at = command.lastIndexOf(` ${name}=`);
  if (at === -1) return null;
  return command.slice(at + name.length + 2).split(' ', 1)[0] ?? null;
}

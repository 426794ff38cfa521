import { execFile } from 'node:child_process';
import type { ProcessRow, ProcessTree } from './process-tree.ts';
import { runTool } from '../local/run-tool.ts';

/** ToString('o'), because ConvertTo-Json writes dates differently in PowerShell 5 and 7. */
const ROW =
  "@{ ProcessId = $_.ProcessId; ParentProcessId = $_.ParentProcessId; CreationDate = if ($_.CreationDate) { $_.CreationDate.ToUniversalTime().ToString('o') } }";

/**
 * Win32_Process. Other processes' environments cannot be read, so leftovers are found by the tree
 * and the record alone.
 */
export function windowsProcessTree(): ProcessTree {
  const query = async (filter: string): Promise<ProcessRow[]> => {
    const command = `@(Get-CimInstance Win32_Process ${filter} | ForEach-Object { ${ROW} }) | ConvertTo-Json -Compress`;
    return parseCim(
      await runTool('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', command]),
    );
  };
  return {
    boot: '',
    async list() {
      return await query('');
    },
    hasGroups: false,
    // A PowerShell takes a third of a second.
    lookEveryMs: 30_000,
    async look() {
      const appeared = await query('');
      return { appeared, pids: new Set(appeared.map((row) => row.pid)) };
    },
    async find(pid) {
      return (await query(`-Filter 'ProcessId=${pid}'`)).find((row) => row.pid === pid) ?? null;
    },
    askToEnd() {
      // There is no gentle signal; the agent sees its stdin end.
    },
    end(key, how) {
      if (how === 'kill')
        execFile(
          'taskkill',
          ['/PID', String(key.pid), '/T', '/F'],
          { windowsHide: true },
          () => {},
        );
    },
  };
}

/** A parent younger than its child is a later process with the real parent's id. */
export function parseCim(output: string): ProcessRow[] {
  if (output.trim() === '') return [];
  const parsed: unknown = JSON.parse(output);
  const rows = (Array.isArray(parsed) ? parsed : [parsed]).flatMap((row: unknown) => asRow(row));
  const startedAt = new Map(rows.map((row) => [row.pid, row.startedAt]));
  return rows.map((row) => {
    const parentStarted = startedAt.get(row.parent);
    return parentStarted !== undefined && parentStarted > row.startedAt
      ? { ...row, parent: 0 }
      : row;
  });
}

function asRow(row: unknown): ProcessRow[] {
  if (typeof row !== 'object' || row === null) return [];
  if (!('ProcessId' in row && typeof row.ProcessId === 'number' && row.ProcessId > 0)) return [];
  if (!('ParentProcessId' in row && typeof row.ParentProcessId === 'number')) return [];
  // The system's own have none that we may see; they are no agent's.
  if (!('CreationDate' in row && typeof row.CreationDate === 'string')) return [];
  return [
    {
      pid: row.ProcessId,
      parent: row.ParentProcessId,
      group: 0,
      startedAt: row.CreationDate,
      mark: null,
      owner: null,
    },
  ];
}

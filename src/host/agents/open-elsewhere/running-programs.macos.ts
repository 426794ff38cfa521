import { AGENT_MARK } from '../../../protocol/keeper.ts';
import { isSought } from './program-name.ts';
import { runTool, type RunTool } from '../../../local/run-tool.ts';
import type { RunningProgram, RunningPrograms } from './running-programs.ts';

/** Start times as others are compared with: the system's zone would shift them. */
const UTC = { env: { TZ: 'UTC' } };
const ROW = /^\s*(\d+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]{8}\s+\d{4})\s(.*)$/;

/** ps(1) of this user's processes, with their environment for the mark; lsof(8) for their folders. */
export function macosRunningPrograms(run: RunTool = runTool): RunningPrograms {
  return {
    async find(sought) {
      const user = String(process.getuid?.() ?? 0);
      const executables = parseRows(
        await run('/bin/ps', ['-xww', '-U', user, '-o', 'pid=,lstart=,comm='], UTC),
      );
      const commands = new Map(
        parseRows(
          await run('/bin/ps', ['-Exww', '-U', user, '-o', 'pid=,lstart=,command='], UTC),
        ).map(({ pid, text }) => [pid, text]),
      );
      const found = executables.filter(({ pid, text }) => {
        const args = argsAfter(text, commands.get(pid) ?? '');
        return isSought(sought, { name: text, args: [text, ...args] });
      });
      if (found.length === 0) return [];
      const pids = found.map(({ pid }) => String(pid)).join(',');
      // lsof exits 1 when one of them is gone.
      const folders = parseLsof(
        await run('/usr/sbin/lsof', ['-a', '-d', 'cwd', '-p', pids, '-Fpn'], { mayFail: true }),
      );
      return found.map(({ pid, startedAt }): RunningProgram => ({
        pid,
        startedAt,
        cwd: folders.get(pid) ?? null,
        isMarked: (commands.get(pid) ?? '').includes(` ${AGENT_MARK}=`),
      }));
    },
  };
}

function parseRows(output: string): { pid: number; startedAt: string; text: string }[] {
  return output.split('\n').flatMap((line) => {
    const [, pid, startedAt, text] = ROW.exec(line) ?? [];
    if (pid === undefined || startedAt === undefined || text === undefined) return [];
    return [{ pid: Number(pid), startedAt: startedAt.replace(/\s+/g, ' '), text: text.trim() }];
  });
}

/** What follows the executable, which may hold spaces itself. The script's own path is cut at one. */
function argsAfter(executable: string, command: string): string[] {
  const rest = command.startsWith(executable)
    ? command.slice(executable.length)
    : command.slice(command.indexOf(' ') + 1);
  return rest.trim().split(/\s+/);
}

/** `p` and a pid, then `n` and a path, one a line. */
function parseLsof(output: string): Map<number, string> {
  const folders = new Map<number, string>();
  let pid = Number.NaN;
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    else if (line.startsWith('n/')) folders.set(pid, line.slice(1));
  }
  return folders;
}

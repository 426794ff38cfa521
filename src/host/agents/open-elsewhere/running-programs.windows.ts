import { z } from 'zod';
import { isSought } from './program-name.ts';
import { runTool, type RunTool } from '../../../local/run-tool.ts';
import type { RunningPrograms } from './running-programs.ts';

/** Command lines of other users' processes are null, which leaves those out. */
const QUERY =
  '@(Get-CimInstance Win32_Process | Where-Object { $_.CommandLine } | ForEach-Object { @{ ProcessId = $_.ProcessId; Name = $_.Name; CommandLine = $_.CommandLine } }) | ConvertTo-Json -Compress';

const rowSchema = z.object({ ProcessId: z.number(), Name: z.string(), CommandLine: z.string() });

/** Win32_Process. Neither the folder nor the environment of another process can be seen. */
export function windowsRunningPrograms(run: RunTool = runTool): RunningPrograms {
  return {
    async find(sought) {
      const output = await run('powershell.exe', [
        '-NoProfile',
        '-NonInteractive',
        '-Command',
        QUERY,
      ]);
      return parseProcesses(output)
        .filter(({ Name, CommandLine }) =>
          isSought(sought, { name: Name, args: wordsOf(CommandLine) }),
        )
        .map(({ ProcessId }) => ({ pid: ProcessId, cwd: null, startedAt: null, isMarked: false }));
    },
  };
}

function parseProcesses(output: string): z.infer<typeof rowSchema>[] {
  if (output.trim() === '') return [];
  const parsed: unknown = JSON.parse(output);
  return (Array.isArray(parsed) ? parsed : [parsed]).flatMap((row: unknown) => {
    const known = rowSchema.safeParse(row);
    return known.success ? [known.data] : [];
  });
}

/** Words, of which those in quotes may hold spaces. */
function wordsOf(commandLine: string): string[] {
  return [...commandLine.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );
}

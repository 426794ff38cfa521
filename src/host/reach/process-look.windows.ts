import { z } from 'zod';
import { runTool, type RunTool } from '../../local/run-tool.ts';
import { UNSEEN, type LookAtProcesses } from './seen.ts';

/** A PowerShell takes a second to start, more on a busy machine. */
const LIMIT_MS = 8_000;

const answerSchema = z.object({
  stopped: z.boolean().nullable(),
  connections: z.number().int().nonnegative().nullable(),
});

/** A suspended process is one all of whose threads wait because they are suspended. */
export function windowsProcessLook(run: RunTool = runTool): LookAtProcesses {
  return async (pids) => {
    if (pids.length === 0) return UNSEEN;
    // Numbers of ours: nothing in the command is anybody's text.
    const list = pids.map(Math.trunc).join(',');
    const command = [
      "$ErrorActionPreference='SilentlyContinue'",
      `$ids=@(${list})`,
      '$found=@(Get-Process -Id $ids)',
      "$still=@($found|Where-Object{@($_.Threads|Where-Object{$_.ThreadState -ne 'Wait' -or $_.WaitReason -ne 'Suspended'}).Count -eq 0})",
      '$tcp=@(Get-NetTCPConnection -State Established|Where-Object{$ids -contains $_.OwningProcess})',
      '@{stopped=if($found.Count){$still.Count -gt 0}else{$null};connections=$tcp.Count}|ConvertTo-Json -Compress',
    ].join(';');
    try {
      const output = await run(
        'powershell.exe',
        ['-NoProfile', '-NonInteractive', '-Command', command],
        { limitMs: LIMIT_MS },
      );
      return answerSchema.parse(JSON.parse(output));
    } catch {
      return UNSEEN;
    }
  };
}

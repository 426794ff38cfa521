import type { ProcessStart } from './process-start.ts';
import { runTool, type RunTool } from './run-tool.ts';

/** Win32_Process: a PowerShell, so a third of a second. Nobody asks for it before there is a need. */
export function windowsProcessStart(run: RunTool = runTool): ProcessStart {
  return async (pid) => {
    const command = `(Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}').CreationDate.ToUniversalTime().ToString('o')`;
    const output = await run(
      'powershell.exe',
      ['-NoProfile', '-NonInteractive', '-Command', command],
      { mayFail: true },
    );
    const startedAt = output.trim();
    return startedAt === '' ? null : startedAt;
  };
}

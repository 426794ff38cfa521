import type { ProcessStart } from './process-start.ts';
import { runTool, type RunTool } from './run-tool.ts';

/** ps(1), wall-clock time in five words; in one zone, since a traveller's changes. */
export function macosProcessStart(run: RunTool = runTool): ProcessStart {
  return async (pid) => {
    // It exits 1 when there is none.
    const output = await run('/bin/ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      mayFail: true,
      env: { TZ: 'UTC' },
    });
    const [, state = '', startedAt] = /^\s*(\S+)\s+(\S.*\S)\s*$/mu.exec(output) ?? [];
    if (startedAt === undefined || state.startsWith('Z')) return null;
    return startedAt.replace(/\s+/gu, ' ');
  };
}
